/* A report that is not stored yet is drawn when it is asked for: said at once, since its file comes some time later. */
(function () {
    "use strict";
    var SECONDS = 20;
    document.addEventListener("click", function (event) {
        var link = event.target.closest && event.target.closest("a[data-drawn]");
        if (link) { window.tierline.say("The report of " + link.dataset.drawn + " is being drawn; this can take a minute.", SECONDS); }
    });
})();
