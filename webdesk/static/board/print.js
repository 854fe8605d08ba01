// Slips: printed by a press, so that nothing is printed twice by reloading.

document.querySelector("#print").addEventListener("click", () => window.print());
