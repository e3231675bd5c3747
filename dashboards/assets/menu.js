/* The menu of a narrow screen closes when a page is chosen, on Escape, and on a tap beside it. */
(function () {
    "use strict";
    function close(keep) {
        document.querySelectorAll("details.menu[open]").forEach(function (menu) { if (menu !== keep) { menu.removeAttribute("open"); } });
    }
    document.addEventListener("click", function (event) {
        var menu = event.target.closest && event.target.closest("details.menu");
        close(menu && !event.target.closest("a") ? menu : null);
    });
    document.addEventListener("keydown", function (event) {
        var menu = event.key === "Escape" && document.querySelector("details.menu[open]");
        if (menu) { close(null); menu.querySelector("summary").focus(); }
    });
})();
