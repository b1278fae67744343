// The clients for Node as their makers publish them: only the host is ours.
// Reads the cases from standard input, writes a line "ready" and one with the failures.

import { readFileSync } from "node:fs";
import { Analytics } from "@segment/analytics-node";
import rudder from "@rudderstack/rudder-sdk-node";
import { PostHog } from "posthog-node";

const Rudder = rudder.default ?? rudder;
const PATIENCE = 240_000;

function times(begin) {
  const first = Date.parse(begin);
  return (seconds) => new Date(first + 1000 * seconds);
}

function say(client, told, time) {
  const at = times(told.begin);
  const userId = told.user;
  client.identify({ userId, traits: told.traits, ...time(at(0)) });
  client.group({ userId, groupId: told.account, traits: told.groupTraits, ...time(at(1)) });
  client.track({ userId, event: "Signed In", properties: { by: "password" }, ...time(at(2)) });
  client.page({ userId, name: "Weekly", category: "Reports", properties: { path: "/weekly" }, ...time(at(3)) });
  for (let number = 0; number < told.clicks; number++)
    client.track({ userId, event: "Clicked", properties: { number }, ...time(at(4 + number)) });
}

async function segment(told, failed) {
  const client = new Analytics({ writeKey: told.key, host: told.address });
  client.on("error", failed);
  say(client, told, (timestamp) => ({ timestamp }));
  await client.closeAndFlush({ timeout: PATIENCE });
}

async function rudderstack(told, failed) {
  const client = new Rudder(told.key, { dataPlaneUrl: told.address, gzip: told.encoding === "gzip", flushAt: 50 });
  say(client, told, (originalTimestamp) => ({ originalTimestamp }));
  do await client.flush();
  while (client.queue.length);
}

async function posthog(told, failed) {
  const client = new PostHog(told.key, { host: told.address, disableCompression: told.encoding !== "gzip" });
  client.on("error", failed);
  const at = times(told.begin);
  const distinctId = told.user;
  const groups = { company: told.account };
  client.identify({ distinctId, properties: told.traits });
  client.groupIdentify({ groupType: "company", groupKey: told.account, properties: told.groupTraits });
  client.capture({ distinctId, groups, event: "Signed In", properties: { by: "password" }, timestamp: at(2) });
  client.capture({ distinctId, groups, event: "$pageview", properties: { $pathname: "/weekly" }, timestamp: at(3) });
  for (let number = 0; number < told.clicks; number++)
    client.capture({ distinctId, groups, event: "Clicked", properties: { number }, timestamp: at(4 + number) });
  await client.shutdown(PATIENCE);
}

const CLIENTS = { "segment-node": segment, "rudder-node": rudderstack, "posthog-node": posthog };

const cases = JSON.parse(readFileSync(0, "utf8"));
const failures = {};
console.log("ready");
await Promise.all(
  cases.map(async (told) => {
    const failed = (error) => (failures[told.name] = String(error?.reason ?? error?.error ?? error));
    await CLIENTS[told.sdk](told, failed).catch(failed);
  }),
);
console.log("failures " + JSON.stringify(failures));
process.exit(0);
