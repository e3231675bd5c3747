/* The server went away, or came back as another version: said calmly, once, and the figures shown stay readable. */
(function () {
    "use strict";
    var real = window.fetch, failures = 0;

    function notice(words) {
        var place = document.getElementById("tierline-lost");
        if (!words) { if (place) { place.remove(); } return; }
        if (!place) {
            place = document.createElement("div");
            place.id = "tierline-lost";
            place.className = "lost";
            place.setAttribute("role", "status");
            place.appendChild(document.createElement("span"));
            var again = document.createElement("button");
            again.type = "button";
            again.textContent = "Load again";
            again.addEventListener("click", function () { window.location.reload(); });
            place.appendChild(again);
            document.body.appendChild(place);
        }
        place.firstChild.textContent = words;
    }

    function judged(status) {
        failures = status >= 200 && status < 400 ? 0 : failures + 1;
        if (!failures) { notice(""); }
        else if (status === 0) { notice("The server does not answer. What is shown may be old."); }
        else { notice("The server could not answer this page's question (" + status + "). What is shown may be old."); }
    }

    window.fetch = function (asked) {
        var address = typeof asked === "string" ? asked : asked && asked.url || "";
        var answer = real.apply(this, arguments);
        if (address.indexOf("_dash-update-component") < 0) { return answer; }
        answer.then(function (got) { judged(got.status); }, function (error) { if (error.name !== "AbortError") { judged(0); } });
        return answer;
    };
})();
