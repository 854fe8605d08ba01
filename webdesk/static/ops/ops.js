// What all pages of the operations area share.

const menu = document.getElementById("ops-menu");

// A window that becomes wide again shows the menu beside the page, which has no button to open it.
matchMedia("(max-width: 60rem)").addEventListener("change", (narrow) => {
  menu.open = !narrow.matches;
});
