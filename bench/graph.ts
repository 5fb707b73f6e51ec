/**
 * `npm run bench -- graph [--services N] [--edges N] [--seconds N] [--picture FILE]`: the dashboard's graph in a real Chromium (headless, software
 * rendering): how long until it is drawn, what an update of all numbers costs, what a frame costs while the graph is moved by hand, and how many
 * frames come. The control plane and the dashboard are real; the rows of traffic are made up here. Time on the main thread is the page's own
 * account (CDP Performance.getMetrics), which another process on the machine does not change much; frames are those that came.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import type { EdgeTraffic } from '@weft/core/documents';
import { GatheredCounts, NO_COUNTS, NOBODY } from '@weft/core/traffic';
import { temporaryFolder } from '@weft/testkit/folder';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { TestProcess } from '@weft/testkit/process';
import { toolPath } from '@weft/testkit/tools';

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '200' },
    edges: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    picture: { type: 'string' },
  },
});
const services = Number(values.services);
const edges = Number(values.edges);
const seconds = Number(values.seconds);
/** ms of the main thread that a frame may take: thirty a second. */
const FRAME = 1000 / 30;
/** Namespaces, each a team's; most calls stay within one. */
const NAMESPACES = 10;

/** Callers are in front of whom they call: a mesh is no ring. Now and then one fails. */
function rows(round: number): EdgeTraffic[] {
  const party = (index: number) => {
    const [namespace, name] = [`team-${index % NAMESPACES}`, `service-${index}`];
    return { ...NOBODY, namespace, workload: name, app: name, identity: `spiffe://mesh/ns/${namespace}/sa/${name}` };
  };
  const made: EdgeTraffic[] = [];
  for (let edge = 0; edge < edges; edge += 1) {
    const caller = edge % services;
    const step = 1 + Math.floor(edge / services);
    const called = (caller + (step <= 6 ? step * NAMESPACES : step * 7 + 3)) % services;
    const failing = edge % 97 === 0 ? 3 : 0;
    const gathered = new GatheredCounts();
    const requests = 100 + ((edge * 31 + round * 17) % 400);
    gathered.add({
      ...NO_COUNTS,
      requests,
      responses: [
        { code: 200, grpc: -1, flags: '', count: requests - failing * 10 },
        ...(failing > 0 ? [{ code: 503, grpc: -1, flags: 'UF', count: failing * 10 }] : []),
      ],
      durations: {
        count: requests,
        sum: requests * 12,
        buckets: Array.from({ length: 20 }, (_, at) => [at + 8, requests / 20]),
      },
    });
    made.push({
      edge: {
        reporter: 'source',
        protocol: 'http',
        source: party(caller),
        destination: party(called),
        service: { namespace: party(called).namespace, name: party(called).workload },
        route: '',
        security: edge % 53 === 0 ? 'none' : 'mutual_tls',
      },
      counts: gathered.counts(),
      seconds: 10,
      lastSeen: Date.now(),
    });
  }
  return made;
}

const mesh = new TestMesh();
const profile = temporaryFolder('weft-graph-');
await mesh.up();
const served = new TestProcess(WEFT, ['dashboard'], { env: mesh.env });
const [link = ''] = await served.matching(/http:\/\/\S+/);
const browser = await chromium.launch({
  executablePath: toolPath('chromium'),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-sync',
  ],
  env: { HOME: profile.path },
});
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
const client = await page.context().newCDPSession(page);
await client.send('Performance.enable');

/** Seconds since the page began, by what was done in them. */
async function spent(): Promise<{ readonly task: number; readonly script: number; readonly layout: number }> {
  const { metrics } = await client.send('Performance.getMetrics');
  const of = (name: string): number => (metrics.find((one) => one.name === name)?.value ?? 0) * 1000;
  return {
    task: of('TaskDuration'),
    script: of('ScriptDuration'),
    layout: of('LayoutDuration') + of('RecalcStyleDuration'),
  };
}

let round = 0;
let asked = 0;
await page.route(/\/weft\/v1\/traffic\?/, async (route) => {
  asked += 1;
  if (asked % 2 === 0) round += 1;
  const health = { reporters: 1000, edges, overflow: 0, refused: 0 };
  await route.fulfill({ contentType: 'application/json', body: JSON.stringify({ health, rows: rows(round) }) });
});
await page.goto(link);
await page.goto('about:blank');
const drawn = await firstDrawn(page, `${new URL(link).origin}/dashboard/#/`);
if (values.picture !== undefined) writeFileSync(values.picture, await page.screenshot());

async function firstDrawn(on: Page, url: string): Promise<{ readonly wall: number; readonly main: number }> {
  const before = await spent();
  const began = performance.now();
  await on.goto(url);
  await on
    .locator('.graph .node, .graph .group')
    .first()
    .waitFor({ state: 'attached', timeout: 10_000 })
    .catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${on.url()}\n${await on.locator('body').innerText()}`, { cause: error });
    });
  await on.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  const now = await spent();
  return { wall: performance.now() - began, main: now.task - Math.min(before.task, now.task) };
}

/** What goes on while numbers come every two seconds. */
await page.evaluate(`
  globalThis.changes = 0;
  new MutationObserver((records) => { globalThis.changes += records.length; })
    .observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true, attributes: true });
`);
const changesOf = (): Promise<number> => page.evaluate<number>('globalThis.changes');
const begun = { ...(await spent()), round, changes: await changesOf() };
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const ended = { ...(await spent()), round, changes: await changesOf() };
const updates = Math.max(1, ended.round - begun.round);

/** A hand drags the graph: each frame another place. */
const before = await spent();
const frames = await page.evaluate<{ readonly frames: number; readonly longest: number; readonly took: number }>(`
  new Promise((resolve) => {
    const canvas = document.querySelector('svg.canvas');
    canvas.setPointerCapture = () => undefined;
    const box = canvas.getBoundingClientRect();
    const at = (x) => ({ bubbles: true, pointerId: 1, clientX: box.left + 5 + x, clientY: box.top + 5 });
    canvas.dispatchEvent(new PointerEvent('pointerdown', at(0)));
    const start = performance.now();
    let [frames, last, longest] = [0, start, 0];
    const frame = (now) => {
      longest = Math.max(longest, now - last);
      last = now;
      frames += 1;
      canvas.dispatchEvent(new PointerEvent('pointermove', at((frames * 7) % 200)));
      if (now - start < ${seconds * 1000}) requestAnimationFrame(frame);
      else resolve({ frames, longest, took: now - start });
    };
    requestAnimationFrame(frame);
  })
`);
const after = await spent();
const moved = (after.task - before.task) / frames.frames;
const rate = (frames.frames * 1000) / frames.took;
process.stdout.write(
  `${services} services, ${edges} edges: drawn ${drawn.wall.toFixed(0)} ms after the page was asked for (${drawn.main.toFixed(0)} ms of its main thread)\n` +
    `an update of all numbers: ${((ended.task - begun.task) / updates).toFixed(0)} ms of the main thread (script ${((ended.script - begun.script) / updates).toFixed(0)}, style and layout ${((ended.layout - begun.layout) / updates).toFixed(0)}), ${Math.round((ended.changes - begun.changes) / updates)} changes of the document\n` +
    `moved by hand: ${rate.toFixed(0)} frames a second, ${moved.toFixed(1)} ms of the main thread each (script ${((after.script - before.script) / frames.frames).toFixed(1)}, style and layout ${((after.layout - before.layout) / frames.frames).toFixed(1)}), longest wait ${frames.longest.toFixed(0)} ms\n`,
);
const good = drawn.wall < 1000 && moved < FRAME && rate >= 30;
process.exitCode = good ? 0 : 1;
await browser.close();
await served.stop();
await mesh[Symbol.asyncDispose]();
profile[Symbol.dispose]();
process.exit();
