/**
 * Attack 76 in a real browser: markup in everything that strangers and authors may write (paths, hosts, headers, trace state, tokens of requests;
 * annotations, headers, texts of objects; addresses of pages; whatever the control plane answers) is text on every page of the dashboard. Names that
 * are more than names are refused, and the refusal is text too.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { admitObject } from '@weft/core/resources';
import { temporaryFolder } from '@weft/testkit/folder';
import { command, TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import {
  ANSWERED,
  answerTo,
  HARM,
  LINK,
  OBJECTS,
  PAGES,
  PLANT,
  planted,
  REFUSED,
  REQUESTS,
  SHORT,
  SHOWN,
  WATCH,
  WRITTEN,
} from './dashboard-hostile/plants.ts';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

/** ms until a page is given up. */
const PATIENCE = 60_000;

describe('strangers and authors write markup', { skip: needs('chromium'), timeout: 480_000 }, () => {
  const mesh = new TestMesh();
  using profile = temporaryFolder('weft-browser-');
  let browser: Browser | undefined;
  let served: TestProcess | undefined;
  let origin = '';
  let page: Page;
  let upstream = 0;
  let visits: NodeJS.Timeout | undefined;
  const faults: string[] = [];

  before(async () => {
    await mesh.up();
    const [app = 0, port = 0] = await freePorts(2);
    upstream = port;
    await mesh.apply(OBJECTS.map((one) => JSON.stringify(one)).join('\n---\n'));
    const hello = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
    mesh.run('--name', 'orders', '--no-service', '--port', `${app}/http`, '--', ...hello);
    mesh.run('--name', 'web', '--upstream', `orders=${upstream}`);
    await mesh.synced(2);
    await mesh.answering(upstream);
    visits = setInterval(() => {
      for (const request of REQUESTS) void answerTo(upstream, request).catch(() => undefined);
    }, 250);
    served = new TestProcess(WEFT, ['dashboard'], { env: mesh.env });
    const [link = ''] = await served.matching(/http:\/\/\S+/);
    origin = new URL(link).origin;
    browser = await chromium.launch({
      executablePath: toolPath('chromium'),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      env: { HOME: profile.path },
    });
    const context = await browser.newContext();
    await context.addInitScript(WATCH);
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // Refusals that plants in addresses provoke, as the browser reports them.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) faults.push(message.text());
    });
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // What a page asked for it no longer wants when another one is opened.
      if (why !== 'net::ERR_ABORTED') faults.push(`${request.url()}: ${why}`);
    });
    page.on('dialog', (dialog) => {
      faults.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) faults.push(`asked elsewhere: ${request.url()}`);
    });
    page.setDefaultTimeout(PATIENCE);
    await page.goto(link);
    await page
      .locator('main')
      .waitFor()
      .catch(async (error: unknown) => {
        const there = `${page.url()}: ${await page.content()}`;
        throw new Error(`the dashboard did not begin: ${faults.join('; ')}; ${there}`, { cause: error });
      });
  });
  after(async () => {
    clearInterval(visits);
    await browser?.close();
    await served?.stop();
    await mesh[Symbol.asyncDispose]();
    profile[Symbol.dispose]();
  });

  /** What of a plant became more than text. */
  const harm = async (): Promise<readonly string[]> => [...(await page.evaluate<string[]>(HARM)), ...faults];

  /** Opens the page at `hash`, waits until it shows that text, and finds no harm. */
  async function visit(hash: string, shown: RegExp = SHOWN): Promise<void> {
    await page.goto(`${origin}/dashboard/${hash}`);
    await shows(shown, hash);
  }

  async function shows(shown: RegExp, where: string): Promise<void> {
    await page
      .locator('main')
      .filter({ hasText: shown })
      .waitFor({ timeout: PATIENCE })
      .catch(async (error: unknown) => {
        throw new Error(`${where}: ${String(error)}\n${await page.locator('main').innerText()}`, { cause: error });
      });
    assert.deepEqual(await harm(), [], where);
  }

  test('the watch sees what it looks for', async () => {
    const other = await page.context().newPage();
    await other.goto(`${origin}/dashboard/`);
    await other.evaluate(`{
      const one = document.createElement('img');
      one.className = 'planted';
      document.body.append(one);
      const link = document.createElement('a');
      link.setAttribute('href', 'javascript:ran(5)');
      document.body.append(link);
      try { document.body.innerHTML = '<img src=x onerror=ran(1)>'; } catch {}
      ran(0);
    }`);
    await until(async () => (await other.evaluate<string[]>(HARM)).length >= 4, { what: 'all four kinds of harm' });
    await other.close();
  });

  test('names that are more than names are refused, all at once, and the refusals are text', async () => {
    for (const [what, object] of REFUSED)
      assert.equal(admitObject(JSON.parse(JSON.stringify(object))).object, undefined, what);
    const text = REFUSED.map(([, object]) => JSON.stringify(object)).join('\n---\n');
    const { code, stderr } = await command(WEFT, ['apply', '-f', '-'], mesh.env, text);
    assert.notEqual(code, 0);
    assert.match(stderr, /nothing was applied/);
    for (const index of REFUSED.keys()) assert.match(stderr, new RegExp(`^stdin:${2 * index + 1}:`, 'm'));
    await page.goto(`${origin}/dashboard/#/what-if`);
    await page.getByLabel('Objects in YAML').fill(text);
    await page.getByRole('button', { name: 'What would change?' }).click();
    await page.getByRole('alert').getByText(SHOWN).waitFor({ timeout: PATIENCE });
    assert.deepEqual(await harm(), []);
  });

  test('requests of strangers: live, kept, traced, drawn', async () => {
    await visit('#/tap/default/web');
    await visit('#/requests');
    await page.locator('main').getByRole('link', { name: 'Why?' }).first().click();
    await shows(/What the proxies told/, 'a request');
    await visit('#/traces');
    await page.locator('main tbody a').first().click();
    await shows(/out of default\/web/, 'a trace');
    await visit('#/', /orders/);
    await visit('#/services', /default\/orders/);
    await visit('#/services/default/orders?span=5m', /Who calls, and what is called/);
    await visit('#/workloads', /default\/orders/);
    await visit('#/workloads/default/orders', /Look closer/);
    await visit('#/routes', /HTTPRoute/);
    await page.locator('main tbody a').first().click();
    await shows(/Object/, 'a route');
  });

  test('texts of objects: each object, findings, changes, service levels, proxies, certificates', async () => {
    await visit('#/objects', /HTTPRoute/);
    for (const place of WRITTEN) await visit(`#/objects/${place}`);
    await visit('#/findings');
    await visit('#/changes', /HTTPRoute default\/planted/);
    await visit('#/levels', /default\/planted/);
    await visit('#/proxies', /default\/web-/);
    await page.getByRole('link', { name: /default\/web-/ }).click();
    await shows(SHOWN, 'the configuration of a proxy');
    await visit('#/certificates', /Mesh default/);
  });

  test('questions and addresses of pages', async () => {
    await page.goto(`${origin}/dashboard/#/ask`);
    for (const label of [/^From/, /^To/, /^Path/, /^Header/]) await page.getByLabel(label).fill(PLANT);
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('alert').waitFor({ timeout: PATIENCE });
    assert.deepEqual(await harm(), []);
    const [plant = '', ...more] = [PLANT, LINK, SHORT].map(encodeURIComponent);
    const words = ['at', 'kind', 'chosen', 'span', 'from', 'to', 'path', 'workload', 'service'];
    const query = new URLSearchParams(Object.fromEntries(words.map((word) => [word, PLANT]))).toString();
    for (const first of PAGES)
      for (const rest of [plant, [plant, ...more].join('/'), `default/${plant}?${query}`, `?${query}`]) {
        await page.evaluate(`new Promise((drawn) => {
          addEventListener('hashchange', () => requestAnimationFrame(() => requestAnimationFrame(drawn)), { once: true });
          location.hash = ${JSON.stringify(`#/${first}/${rest}`)};
        })`);
        await page.locator('main').filter({ hasNotText: 'Loading…' }).waitFor({ timeout: PATIENCE });
        assert.deepEqual(await harm(), [], `#/${first}/${rest}`);
      }
    await visit(`#/${plant}`, /There is no such page/);
  });

  test('whatever the control plane answers', async () => {
    await page.route(/\/weft\/v1\/(?!.*\/tap$)|\/apis?\/.*\/(?!$)/, async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as object;
      // By its lists of kinds a page finds objects.
      await route.fulfill({ response, json: 'resources' in body || 'groups' in body ? body : planted(body) });
    });
    for (const hash of ANSWERED) await visit(hash);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
});
