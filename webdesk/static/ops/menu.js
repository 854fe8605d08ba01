// Runs before the first paint: on a narrow screen the menu of the operations area begins closed.
if (matchMedia("(max-width: 60rem)").matches) document.getElementById("ops-menu").open = false;
