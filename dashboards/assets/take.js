/* What a panel shows, taken along as CSV: its tables with their exact values, its grids, the points of its charts.
   One listener for every button, those included that a page draws later. */
(function () {
    "use strict";
    var tierline = (window.tierline = window.tierline || {});

    /* Marks of direction belong to the page, not to the figures. */
    var MARKS = /[\u200e\u200f\u061c\u2066-\u2069]/g;

    /* A spreadsheet runs what begins like a formula; a plain number stays a number. */
    function safe(text) {
        var plain = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
        return !plain && /^[\s]*[=+\-@\t\r]/.test(text) ? "'" + text : text;
    }

    function quoted(value) {
        var text = safe(value === null || value === undefined ? "" : String(value));
        return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    }

    tierline.csv = function (rows) {
        return rows.map(function (row) { return row.map(quoted).join(","); }).join("\r\n") + "\r\n";
    };

    /* The words of a cell without its drawn shapes; block by block, so that two lines do not grow together. */
    function words(node) {
        if (node.nodeType === 3) { return node.data; }
        if (node.nodeType !== 1 || node.getAttribute("aria-hidden") === "true" || node.matches("svg, img, button")) { return ""; }
        var inner = Array.prototype.map.call(node.childNodes, words).join("");
        return /^(DIV|P|LI|BR)$/.test(node.tagName) ? " " + inner + " " : inner;
    }

    function cell(node) {
        var exact = node.getAttribute("data-value");
        if (exact === null) {
            var within = node.querySelectorAll("[data-value]");
            if (within.length === 1) { exact = within[0].getAttribute("data-value"); }
        }
        return exact !== null ? exact : words(node).replace(MARKS, "").replace(/\s+/g, " ").trim();
    }

    function ofTable(table) {
        return Array.prototype.map.call(table.rows, function (row) {
            var cells = [];
            Array.prototype.forEach.call(row.cells, function (one) {
                cells.push(cell(one));
                for (var more = 1; more < one.colSpan; more += 1) { cells.push(""); }
            });
            return cells;
        });
    }

    function list(values) {
        return values ? Array.prototype.slice.call(values) : [];
    }

    function points(trace) {
        var name = trace.name || "";
        if (trace.z && trace.z.length && trace.z[0] && trace.z[0].length !== undefined) {
            var cells = [];
            list(trace.z).forEach(function (row, down) {
                list(row).forEach(function (value, along) {
                    var at = { x: trace.x ? trace.x[along] : along, y: trace.y ? trace.y[down] : down };
                    cells.push([name, at.x, at.y, value]);
                });
            });
            return cells;
        }
        var xs = list(trace.x || trace.labels), ys = list(trace.y || trace.values);
        return (xs.length >= ys.length ? xs : ys).map(function (_, place) { return [name, xs[place], ys[place]]; });
    }

    /* Traces that answer no hover only draw what another one carries. layout.meta may name the columns. */
    function ofChart(chart) {
        var all = list(chart._fullData), told = all.filter(function (one) { return one.hoverinfo !== "skip"; });
        var named = (chart.layout && chart.layout.meta) || {}, rows = [];
        (told.length ? told : all).forEach(function (trace) { rows = rows.concat(points(trace)); });
        var heads = ["series", named.x || "x", named.y || "y"];
        return [rows.some(function (row) { return row.length > 3; }) ? heads.concat(named.z || "value") : heads].concat(rows);
    }

    function ofGrid(grid) {
        var api = window.dash_ag_grid && window.dash_ag_grid.getApi(grid.id), rows = [];
        if (!api) { return rows; }
        var columns = api.getAllDisplayedColumns();
        rows.push(columns.map(function (one) { return one.getColDef().headerName || one.getColId(); }));
        api.forEachNodeAfterFilterAndSort(function (node) {
            rows.push(columns.map(function (one) {
                var field = one.getColId(), exact = node.data[field + "_exact"];
                return exact !== undefined ? exact : node.data[field];
            }));
        });
        return rows;
    }

    tierline.rows = function (panel) {
        var parts = [];
        panel.querySelectorAll("table, .js-plotly-plot, .ag-theme-quartz, .tierline-grid").forEach(function (one) {
            if (one.parentElement.closest(".tierline-grid, .js-plotly-plot")) { return; }
            if (one.tagName === "TABLE") { parts.push(ofTable(one)); }
            else { parts.push(one.classList.contains("js-plotly-plot") ? ofChart(one) : ofGrid(one)); }
        });
        return parts.filter(function (one) { return one.length; }).reduce(function (all, one) {
            return all.length ? all.concat([[]], one) : one;
        }, []);
    };

    /* Said aloud, outside of what the pages draw. */
    tierline.say = function (text, seconds) {
        var voice = document.getElementById("tierline-said");
        if (!voice) {
            voice = document.createElement("div");
            voice.id = "tierline-said";
            voice.className = "said";
            voice.setAttribute("role", "status");
            document.body.appendChild(voice);
        }
        voice.textContent = text;
        clearTimeout(voice.timer);
        voice.timer = setTimeout(function () { voice.textContent = ""; }, 1000 * (seconds || 4));
    };

    tierline.save = function (blob, name) {
        var link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = name;
        document.body.appendChild(link);
        link.click();
        link.remove();
        setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
        tierline.say(name + " is saved");
    };

    function take(button) {
        var panel = button.closest(".panel"), name = button.dataset.name;
        if (button.dataset.take === "csv") {
            tierline.save(new Blob([tierline.csv(tierline.rows(panel))], { type: "text/csv;charset=utf-8" }), name + ".csv");
            return;
        }
        tierline.picture(panel).then(
            function (blob) { tierline.save(blob, name + ".png"); },
            function () { tierline.say("This browser draws no picture of it; the CSV holds the figures."); }
        );
    }

    document.addEventListener("click", function (event) {
        var button = event.target.closest && event.target.closest("button[data-take]");
        if (button) { take(button); }
    });
})();
