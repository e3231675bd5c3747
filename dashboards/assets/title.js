/* The window's title is the page's own sentence, so that tabs, bookmarks and screen readers tell pages apart. */
(function () {
    "use strict";
    var waiting = false;
    function name() {
        waiting = false;
        var heading = document.querySelector("#page h1"), wanted = (heading ? heading.textContent.trim() + " · " : "") + "Tierline";
        if (document.title !== wanted) { document.title = wanted; }
    }
    new MutationObserver(function () {
        if (!waiting) { waiting = true; window.setTimeout(name, 50); }
    }).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
})();
