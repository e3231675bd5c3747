/* A fact's asset, with the way to its own page; followed inside the page, like every other link. */
(function () {
    "use strict";
    /* Air/, snowflake://acct/: what the whole name says on hover. */
    var NAMESPACE = /^([\w.+-]+:\/\/)?[^/]+\//;
    var shown = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

    function follow(event) {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
        event.preventDefault();
        window.tierline.follow(event.currentTarget.getAttribute("href"));
    }

    shown.TierlineAsset = function (props) {
        if (!props.value || props.value === "\u2013") {
            return React.createElement("span", null, props.value);
        }
        var href = "/assets/" + props.value.split("/").map(encodeURIComponent).join("/");
        return React.createElement("a", { href: href, title: props.value, onClick: follow },
            React.createElement("bdi", null, props.value.replace(NAMESPACE, "") || props.value));
    };
})();
