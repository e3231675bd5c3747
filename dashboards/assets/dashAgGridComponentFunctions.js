/* A fact's link into the system it came from. The address was checked to be http(s) before it came here. */
var dagcomponentfuncs = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

dagcomponentfuncs.TierlineLink = function (props) {
    if (!props.data || !props.data.url) {
        return React.createElement("span", { title: props.value }, props.value);
    }
    return React.createElement(
        "a",
        { href: props.data.url, target: "_blank", rel: "noopener noreferrer", title: props.value + ", " + props.data.url },
        "open ↗"
    );
};

/* A fact's verdict: a shape first, then the word. */
dagcomponentfuncs.TierlineVerdict = function (props) {
    var looks = { bad: ["▲", "missed"], good: ["●", "met"], unknown: ["○", "nodata"], excluded: ["–", "notarget"],
        counted: ["·", "published"] };
    var look = looks[props.value] || ["–", "notarget"];
    return React.createElement("span", { className: "status s-" + look[1] },
        React.createElement("span", { className: "shape", "aria-hidden": true }, look[0]),
        React.createElement("span", { className: "word" }, props.value));
};
