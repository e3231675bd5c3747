/* On a narrow screen a chart keeps beside it only the room that its labels take; wider again, it has its own margins. */
(function () {
    "use strict";
    var NARROW = 520, AIR = 12;

    /* The widest of the labels that stand to the right of the chart. */
    function beside(chart) {
        var widest = 0;
        chart._fullLayout.annotations.forEach(function (one, place) {
            if (one.xref !== "paper" && !/ domain$/.test(one.xref) || one.x !== 1 || one.xanchor !== "left") { return; }
            var drawn = chart.querySelector('.annotation[data-index="' + place + '"]');
            if (drawn) { widest = Math.max(widest, drawn.getBoundingClientRect().width + (one.xshift || 0)); }
        });
        return Math.ceil(widest + AIR);
    }

    function fit(chart) {
        var own = chart.layout && chart.layout.margin;
        if (!own || !chart._fullLayout) { return; }
        var narrow = chart.clientWidth > 0 && chart.clientWidth < NARROW;
        if (!own.fitted) { chart.tierlineMargin = { l: own.l, r: own.r }; }
        if (narrow === Boolean(own.fitted) || !chart.tierlineMargin) { return; }
        var wide = chart.tierlineMargin, changes = { "margin.fitted": narrow, "margin.l": narrow ? Math.min(8, wide.l) : wide.l };
        changes["margin.r"] = narrow ? Math.min(beside(chart), wide.r) : wide.r;
        Object.keys(chart._fullLayout).filter(function (key) { return /^yaxis\d*$/.test(key); }).forEach(function (key) {
            changes[key + ".automargin"] = narrow;
        });
        window.Plotly.relayout(chart, changes);
    }

    function attach(chart) {
        if (chart.tierlineNarrow || !chart.on) { return; }
        chart.tierlineNarrow = true;
        chart.on("plotly_afterplot", function () { fit(chart); });
        fit(chart);
    }

    new MutationObserver(function () {
        document.querySelectorAll(".chart .js-plotly-plot").forEach(attach);
    }).observe(document.documentElement, { childList: true, subtree: true });
})();
