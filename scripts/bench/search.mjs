// Microseconds to find the tools for a request, over the requests of the fixture given as a file.
import { readFileSync } from "node:fs";
import { searchTools } from "nango-toolkit";

const requests = JSON.parse(readFileSync(process.argv[2], "utf8")).flatMap((entry) => entry.requests);
const rounds = [];
for (let round = 0; round < 9; round++) {
  const started = performance.now();
  for (const request of requests) searchTools(request);
  if (round > 1) rounds.push(((performance.now() - started) / requests.length) * 1000); // the first two warm up
}
console.log(JSON.stringify(rounds));
