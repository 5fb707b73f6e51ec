/** A graph that stays open in a real browser: an update changes what it is about and nothing else, and fifty of them leave nothing behind. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import type { EdgeTraffic } from '@weft/core/documents';
import { temporaryFolder } from '@weft/testkit/folder';
import { madeUpTraffic } from '@weft/testkit/made-up-traffic';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const PATIENCE = { timeout: 60_000 };
/** Between two questions of the page, ms of its own clock. */
const EVERY = 2000;
const SERVICES = 30;
const EDGES = 120;

/** Of a page, after its garbage was collected. */
interface Kept {
  readonly nodes: number;
  readonly listeners: number;
  /** Octets. */
  readonly heap: number;
}

describe('a graph that stays open', { skip: needs('chromium'), timeout: 240_000 }, () => {
  const mesh = new TestMesh();
  using profile = temporaryFolder('weft-browser-');
  let browser: Browser | undefined;
  let served: TestProcess;
  let page: Page;
  let client: CDPSession;
  let rows: readonly EdgeTraffic[] = madeUpTraffic(SERVICES, EDGES, 0);
  let asked = 0;

  before(async () => {
    await mesh.up();
    served = new TestProcess(WEFT, ['dashboard'], { env: mesh.env });
    const [link = ''] = await served.matching(/http:\/\/\S+/);
    browser = await chromium.launch({
      executablePath: toolPath('chromium'),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      env: { HOME: profile.path },
    });
    page = await (await browser.newContext()).newPage();
    client = await page.context().newCDPSession(page);
    await page.route(/\/weft\/v1\/traffic\?/, async (route) => {
      asked += 1;
      const health = { reporters: SERVICES, edges: EDGES, overflow: 0, refused: 0 };
      await route.fulfill({ contentType: 'application/json', body: JSON.stringify({ health, rows }) });
    });
    await page.clock.install();
    await page.goto(link);
    await page
      .locator('.graph g.edge')
      .first()
      .waitFor({ state: 'attached', ...PATIENCE });
    await page.evaluate(`
      globalThis.changed = [];
      new MutationObserver((records) => {
        for (const { type, target } of records) {
          const element = target instanceof Element ? target : target.parentElement;
          const part = element?.closest('g.node, g.edge, tr');
          globalThis.changed.push({ type, about: part?.getAttribute('aria-label') ?? part?.innerText ?? element?.outerHTML ?? '' });
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    `);
  });
  after(async () => {
    await browser?.close();
    await served.stop();
    await mesh[Symbol.asyncDispose]();
    profile[Symbol.dispose]();
  });

  /** What changed in the document since it was asked last. */
  const changes = (): Promise<{ readonly type: string; readonly about: string }[]> =>
    page.evaluate('globalThis.changed.splice(0)');

  /** The page has asked again, twice over, so that the first answer is drawn; its clock is moved on for that. */
  async function updated(): Promise<void> {
    const enough = asked + 4;
    await until(
      async () => {
        if (asked < enough) await page.clock.runFor(EVERY);
        return asked >= enough;
      },
      { ...PATIENCE, what: 'the page to ask again' },
    );
  }

  /** Numbers of `round` are in sight. */
  async function shows(round: number): Promise<void> {
    rows = madeUpTraffic(SERVICES, EDGES, round);
    await updated();
  }

  const kept = async (): Promise<Kept> => {
    await client.send('HeapProfiler.collectGarbage');
    const { nodes, jsEventListeners } = await client.send('Memory.getDOMCounters');
    const { usedSize } = await client.send('Runtime.getHeapUsage');
    return { nodes, listeners: jsEventListeners, heap: usedSize };
  };

  test('the same numbers again change nothing', async () => {
    await updated();
    await changes();
    await updated();
    assert.deepEqual(await changes(), []);
  });

  test('new numbers of one edge change that edge, its two ends, and its row', async () => {
    await updated();
    await changes();
    const [failing, first, ...rest] = rows;
    assert.ok(failing !== undefined && first !== undefined);
    rows = [failing, { ...first, counts: { ...first.counts, requests: first.counts.requests + 1000 } }, ...rest];
    await updated();
    const seen = await changes();
    const { source, destination } = first.edge;
    const ends = [source, destination].map(({ workload }) => new RegExp(`\\b${workload}\\b`));
    assert.ok(seen.length > 0 && seen.length < 40, JSON.stringify(seen));
    for (const { type, about } of seen) {
      // No element is made anew.
      assert.notEqual(type, 'childList', about);
      assert.ok(
        ends.some((end) => end.test(about)),
        about,
      );
      // An edge, or a row of the table, is this one: both ends are named.
      if (/ calls |\t/.test(about))
        assert.ok(
          ends.every((end) => end.test(about)),
          about,
        );
    }
  });

  test('fifty updates leave nothing behind', async () => {
    for (let round = 1; round <= 10; round += 1) await shows(round);
    const before = await kept();
    for (let round = 11; round <= 60; round += 1) await shows(round);
    // The numbers of the beginning again: texts are as long as they were.
    await changes();
    await shows(10);
    assert.ok((await changes()).length > 0, 'updates change something');
    const now = await kept();
    assert.ok(now.nodes <= before.nodes + 50, `nodes: ${before.nodes}, then ${now.nodes}`);
    assert.ok(now.listeners <= before.listeners, `listeners: ${before.listeners}, then ${now.listeners}`);
    assert.ok(now.heap - before.heap < 1_000_000, `heap: ${before.heap}, then ${now.heap}`);
  });
});
