/* Light or dark before the first paint, as Mantine will choose a moment later. */
(function () {
    var chosen = null;
    try { chosen = window.localStorage.getItem("mantine-color-scheme-value"); } catch (error) { chosen = null; }
    if (chosen !== "light" && chosen !== "dark") {
        chosen = window.matchMedia && window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    }
    document.documentElement.setAttribute("data-mantine-color-scheme", chosen);
})();
