/**
 * `npm run bench -- graph [--services N] [--edges N] [--seconds N] [--whole] [--picture FILE] [--profile FILE]`: the dashboard's graph in a real Chromium (headless, software
 * rendering): how long until it is drawn, what an update of all numbers costs, what a frame costs while the graph is moved by hand, and how many
 * frames come. `--whole`: every workload is drawn, not its namespace. `--profile`: what the page's scripts do until it is drawn, for Chromium's tools. The control plane and the dashboard are real; the rows of traffic are made up here. Time on the main thread is the page's own
 * account (CDP Performance.getMetrics), which another process on the machine does not change much; frames are those that came.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { temporaryFolder } from '@weft/testkit/folder';
import { madeUpTraffic } from '@weft/testkit/made-up-traffic';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { TestProcess } from '@weft/testkit/process';
import { toolPath } from '@weft/testkit/tools';

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '200' },
    edges: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    whole: { type: 'boolean', default: false },
    picture: { type: 'string' },
    profile: { type: 'string' },
  },
});
const services = Number(values.services);
const edges = Number(values.edges);
const seconds = Number(values.seconds);
/** ms of the main thread that a frame may take: thirty a second. */
const FRAME = 1000 / 30;
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

/** Answers, made beforehand: making them is no part of the measurement. */
const health = { reporters: 1000, edges, overflow: 0, refused: 0 };
const bodies = Array.from({ length: 8 }, (_, at) =>
  JSON.stringify({ health, rows: madeUpTraffic(services, edges, at) }),
);
let round = 0;
let asked = 0;
await page.route(/\/weft\/v1\/traffic\?/, async (route) => {
  asked += 1;
  if (asked % 2 === 0) round += 1;
  await route.fulfill({ contentType: 'application/json', body: bodies[round % bodies.length] ?? '' });
});
await page.goto(link);
await page.goto('about:blank');
if (values.profile !== undefined) {
  await client.send('Profiler.enable');
  await client.send('Profiler.start');
}
const drawn = await firstDrawn(page, `${new URL(link).origin}/dashboard/#/${values.whole ? '?group=none' : ''}`);
if (values.profile !== undefined)
  writeFileSync(values.profile, JSON.stringify((await client.send('Profiler.stop')).profile));
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

/** What failed blinks at first: that is no part of an update. */
await page.waitForFunction('document.getAnimations().length === 0');

/** What goes on while numbers come every two seconds. */
await page.evaluate(`
  globalThis.changes = 0;
  globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
  }).observe({ type: 'longtask' });
  new MutationObserver((records) => { globalThis.changes += records.length; })
    .observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true, attributes: true });
`);
const changesOf = (): Promise<number> => page.evaluate<number>('globalThis.changes');
const begun = { ...(await spent()), round, changes: await changesOf() };
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const ended = { ...(await spent()), round, changes: await changesOf() };
const longest = await page.evaluate<number>('globalThis.longest');
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
    `an update of all numbers: ${((ended.task - begun.task) / updates).toFixed(0)} ms of the main thread (script ${((ended.script - begun.script) / updates).toFixed(0)}, style and layout ${((ended.layout - begun.layout) / updates).toFixed(0)}), ${Math.round((ended.changes - begun.changes) / updates)} changes of the document, ${longest === 0 ? 'no task above 50 ms' : `longest task ${longest.toFixed(0)} ms`}\n` +
    `moved by hand: ${rate.toFixed(0)} frames a second, ${moved.toFixed(1)} ms of the main thread each (script ${((after.script - before.script) / frames.frames).toFixed(1)}, style and layout ${((after.layout - before.layout) / frames.frames).toFixed(1)}), longest wait ${frames.longest.toFixed(0)} ms\n`,
);
const good = drawn.wall < 1000 && moved < FRAME && rate >= 30;
process.exitCode = good ? 0 : 1;
await browser.close();
await served.stop();
await mesh[Symbol.asyncDispose]();
profile[Symbol.dispose]();
process.exit();
