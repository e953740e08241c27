/**
 * Adds to package-lock.json the optional, platform-specific packages that it names but does not hold.
 *
 * A hack. `npm install` leaves a native package out of the lockfile when the registry it talks to has no copy for a
 * platform, and `npm ci` then refuses the lockfile everywhere. The entries added here carry no checksum; they are
 * skipped on every other platform. Gone as soon as `npm install` on a complete registry has written the lockfile.
 *
 *   npm run lockfile        after every change of a dependency
 */
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lockfile = JSON.parse(readFileSync(path, "utf8"));
const packages = lockfile.packages;

for (const [where, found] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(found.optionalDependencies ?? {})) {
    const platform = /-(darwin|linux|win32)-(arm64|x64|amd64)(?:-(gnu|musl|msvc))?$/.exec(name);
    const key = `node_modules/${name}`;
    if (platform === null || packages[key] !== undefined || packages[`${where}/${key}`] !== undefined) continue;
    const [, os, arch, abi] = platform;
    const cpu = arch === "amd64" ? "x64" : arch;
    const libc = os === "linux" && abi ? { libc: [abi === "gnu" ? "glibc" : "musl"] } : {};
    packages[key] = { version, cpu: [cpu], dev: true, license: found.license, ...libc, optional: true, os: [os] };
    if (found.engines) packages[key].engines = found.engines;
    console.log(`added ${name}@${version}`);
  }
}

lockfile.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")));
writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`);
