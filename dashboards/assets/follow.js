/* Links that are no elements of the page's own: followed inside the page, like every other link. */
(function () {
    "use strict";
    var tierline = (window.tierline = window.tierline || {});

    tierline.follow = function (href) {
        window.history.pushState({}, "", href);
        window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
        window.scrollTo(0, 0);
    };

    /* Where a chart's point leads: its trace says it of all its points, or of each, by an address of this site. */
    tierline.leads = function (event) {
        var point = event && event.points && event.points[0], told = point && point.data.meta;
        var href = String((Array.isArray(told) ? told[point.pointNumber] : told) || "");
        return /^\/[^/]/.test(href) ? href : null;
    };
})();
