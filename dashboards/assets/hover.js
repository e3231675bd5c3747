/* One hover for all charts of a page: what is pointed at in one is shown in the others at the same day. */
(function () {
    "use strict";
    function charts(but) {
        return Array.prototype.filter.call(document.querySelectorAll(".chart .js-plotly-plot"), function (one) {
            return one !== but && one.layout && one.layout.xaxis && one.layout.xaxis.type === "date";
        });
    }

    /* The points of a chart that carry a hover and stand at this day. */
    function at(chart, day) {
        var found = [];
        chart._fullData.forEach(function (trace, curve) {
            if (trace.hoverinfo === "skip" || !trace.x) { return; }
            var place = Array.prototype.indexOf.call(trace.x, day);
            if (place >= 0) { found.push({ curveNumber: curve, pointNumber: place, subplot: trace.xaxis + trace.yaxis }); }
        });
        return found;
    }

    /* Only a reader's own pointing is passed on: a chart that was told to show a day tells nobody else. */
    function pointed(event) {
        return Boolean(event && event.event && event.event instanceof Event);
    }

    function attach(chart) {
        if (chart.tierlineHover || !chart.on) { return; }
        chart.tierlineHover = true;
        chart.on("plotly_click", function (event) {
            var href = window.tierline.leads(event);
            if (href) { window.tierline.follow(href); }
        });
        chart.on("plotly_hover", function (event) {
            if (window.tierline.leads(event)) { chart.classList.add("leads"); }
            if (!pointed(event)) { return; }
            var day = event.points && event.points[0] && event.points[0].x;
            charts(chart).forEach(function (other) {
                var points = at(other, day);
                if (points.length) { window.Plotly.Fx.hover(other, points, points.map(function (one) { return one.subplot; })); }
                else { window.Plotly.Fx.unhover(other); }
            });
        });
        chart.on("plotly_unhover", function (event) {
            chart.classList.remove("leads");
            if (pointed(event)) { charts(chart).forEach(function (other) { window.Plotly.Fx.unhover(other); }); }
        });
    }

    new MutationObserver(function () {
        document.querySelectorAll(".chart .js-plotly-plot").forEach(attach);
    }).observe(document.documentElement, { childList: true, subtree: true });
})();
