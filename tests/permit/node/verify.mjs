// Verifies a permit and its status list with the npm package jose and Node's own zlib.
//
//   node verify.mjs <folder with jose> <JWK set> <permit> <status list token> <POSIX seconds>
//
// Prints {"claims": …, "status": n, "version": n}, or an error's code, and then exits with 1.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";

const [folder, keyFile, permitFile, statusFile, seconds] = process.argv.slice(2);
const found = createRequire(`${folder}/package.json`).resolve("jose");
const { createLocalJWKSet, jwtVerify } = await import(pathToFileURL(found));

const keys = createLocalJWKSet(JSON.parse(readFileSync(keyFile, "utf8")));
const currentDate = new Date(Number(seconds) * 1000);

async function open(file, typ, requiredClaims) {
  const token = readFileSync(file, "utf8");
  const rules = { algorithms: ["ES256"], typ, requiredClaims, currentDate };
  return (await jwtVerify(token, keys, rules)).payload;
}

try {
  const claims = await open(permitFile, "placet-permit+jwt", ["iss", "sub", "jti", "iat", "nbf", "exp"]);
  const list = await open(statusFile, "statuslist+jwt", ["sub", "iat", "exp", "ttl", "version"]);
  const { idx, uri } = claims.status.status_list;
  if (list.sub !== uri) throw Object.assign(new Error(uri), { code: "ANOTHER_LIST" });
  const { bits, lst } = list.status_list;
  const packed = inflateSync(Buffer.from(lst, "base64url"), { maxOutputLength: 2 << 20 });
  const status = (packed[Math.floor((idx * bits) / 8)] >> ((idx * bits) % 8)) & ((1 << bits) - 1);
  console.log(JSON.stringify({ claims, status, version: list.version }));
} catch (error) {
  console.log(error.code ?? error.message);
  process.exitCode = 1;
}
