// Runs before everything else, on whatever Node there is: old syntax only, and no dependency.
var needed = [22, 18];
var found = process.versions.node.split(".").map(Number);

function stop(why, command) {
  console.error("zerofloor: " + why + " Run: npx -y -p node@22 -c '" + command + "'");
  process.exit(1);
}

function isMissing(name) {
  try {
    require(name);
    return false;
  } catch (error) {
    return true;
  }
}

var script = process.env.npm_lifecycle_event || "";
var task = script.replace(/^pre/, "");
var run = task === "start" || task === "test" ? "npm " + task : "npm run " + (task || "build");

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  stop("needs Node " + needed.join(".") + " or newer, this is " + process.versions.node + ".", "npm ci && " + run);
}
if (isMissing("hardhat/package.json")) {
  stop("the dependencies are not installed.", "npm ci && " + run);
}
// npm leaves the native part of Hardhat out, without a word, when it runs under a Node that is too old for it.
if (isMissing("@nomicfoundation/edr")) {
  stop(
    "npm ci ran under a Node older than 22, so Hardhat's native part is missing: install again.",
    "npm ci && " + run,
  );
}
