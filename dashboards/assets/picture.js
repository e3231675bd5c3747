/* A panel as a PNG at twice its size, in the colours that are shown. The browser itself draws it: a copy whose styles stand
   in its elements, inside an SVG, onto a canvas. (Plotly's own export knows nothing of the style sheet.) */
(function () {
    "use strict";
    var tierline = (window.tierline = window.tierline || {});
    var SCALE = 2, PAD = 12;
    var KEPT = [
        "align-items", "align-self", "background-color", "background-image", "background-position", "background-repeat", "background-size",
        "border-bottom", "border-collapse", "border-left", "border-radius", "border-right", "border-spacing", "border-top", "bottom", "box-shadow",
        "box-sizing", "clip-path", "color", "column-gap", "direction", "display", "fill", "fill-opacity", "flex", "flex-direction", "flex-wrap", "font-family", "font-size",
        "font-style", "font-variant-numeric", "font-weight", "grid-column", "grid-row", "grid-template-columns", "height", "justify-content",
        "justify-self", "left", "letter-spacing", "line-height", "list-style", "margin", "opacity", "overflow", "overflow-wrap", "padding",
        "position", "right", "row-gap", "stroke", "stroke-dasharray", "stroke-opacity", "stroke-width", "table-layout", "text-align", "text-anchor", "text-overflow",
        "text-transform", "top", "transform", "unicode-bidi", "vertical-align", "visibility", "white-space", "width"
    ];

    function styled(from, to) {
        var look = getComputedStyle(from);
        to.setAttribute("style", KEPT.map(function (key) { return key + ":" + look.getPropertyValue(key); }).join(";"));
        to.removeAttribute("class");
        for (var place = 0; place < from.children.length; place += 1) { styled(from.children[place], to.children[place]); }
    }

    function drawn(source, width, height) {
        return new Promise(function (done, failed) {
            var image = new Image();
            image.onload = function () {
                var canvas = document.createElement("canvas");
                canvas.width = Math.ceil(width * SCALE);
                canvas.height = Math.ceil(height * SCALE);
                var pen = canvas.getContext("2d");
                pen.scale(SCALE, SCALE);
                pen.drawImage(image, 0, 0, width, height);
                try {
                    canvas.toBlob(function (blob) { return blob ? done(blob) : failed(new Error("empty")); }, "image/png");
                } catch (error) { failed(error); }
            };
            image.onerror = failed;
            image.src = source;
        });
    }

    /* What scrolls inside the panel is shown whole; buttons stay out. */
    function unfolded(panel) {
        var within = Array.prototype.map.call(panel.querySelectorAll(".scroll"), function (one) { return one.scrollWidth - one.clientWidth; });
        return panel.offsetWidth + Math.max.apply(null, within.concat(0));
    }

    tierline.picture = function (panel) {
        var width = unfolded(panel), before = panel.style.cssText;
        panel.style.width = width + "px";
        panel.style.maxWidth = "none";
        panel.classList.add("taken");
        var height = panel.offsetHeight, ground = getComputedStyle(panel).backgroundColor, copy = panel.cloneNode(true);
        styled(panel, copy);
        panel.classList.remove("taken");
        panel.style.cssText = before;
        copy.querySelectorAll("button, script, .modebar-container").forEach(function (one) { one.remove(); });
        copy.style.margin = "0";
        copy.style.border = "0";
        copy.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
        var inner = new XMLSerializer().serializeToString(copy).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");
        var whole = width + 2 * PAD, high = height + 2 * PAD;
        var svg = '<svg xmlns="http://www.w3.org/2000/svg" width="' + whole + '" height="' + high + '">' +
            '<rect width="100%" height="100%" fill="' + ground + '"/><foreignObject x="' + PAD + '" y="' + PAD + '" width="' + width +
            '" height="' + height + '">' + inner + "</foreignObject></svg>";
        return drawn("data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg), whole, high);
    };
})();
