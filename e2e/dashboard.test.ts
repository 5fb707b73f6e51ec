/** The dashboard in a real browser, against a mesh with traffic: every page, an injected failure, strangers' texts, a telephone, signing in. */
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { AuthoritiesDocument, CertificatesDocument } from '@weft/core/documents';
import { exchange } from '@weft/testkit/http-client';
import { temporaryFolder } from '@weft/testkit/folder';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort, freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

/** ms until a page is given up; playwright's own bounds are 30 s. */
const PATIENCE = 30_000;

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe('the dashboard', { skip: needs('chromium'), timeout: 600_000 }, () => {
  const mesh = new TestMesh();
  using profile = temporaryFolder('weft-browser-');
  let browser: Browser | undefined;
  let served: TestProcess;
  let link = '';
  let upstream = 0;
  let app = 0;
  let stranger = '/hello';
  const faults: string[] = [];
  let visits: NodeJS.Timeout | undefined;

  before(async () => {
    await mesh.up();
    [app = 0, upstream = 0] = await freePorts(2);
    const hello = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
    mesh.run('--name', 'orders', '--port', `${app}/http`, '--', ...hello);
    mesh.run('--name', 'web', '--upstream', `orders=${upstream}`);
    await mesh.synced(2);
    await mesh.answering(upstream);
    visits = setInterval(
      () =>
        void fetch(`http://127.0.0.1:${upstream}${stranger}`)
          .then((response) => response.text())
          .catch(() => undefined),
      50,
    );
    served = new TestProcess(WEFT, ['dashboard'], { env: mesh.env });
    [link = ''] = await served.matching(/http:\/\/\S+/);
    browser = await chromium.launch({
      executablePath: toolPath('chromium'),
      args: ARGUMENTS,
      env: { HOME: profile.path },
    });
  });
  after(async () => {
    clearInterval(visits);
    await browser?.close();
    await served.stop();
    await mesh[Symbol.asyncDispose]();
    profile[Symbol.dispose]();
  });

  /** A page that has come in by the link; what goes wrong in it is gathered. */
  async function open(hash = '', size = { width: 1280, height: 800 }): Promise<Page> {
    assert.ok(browser !== undefined);
    const context = await browser.newContext({ viewport: size });
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('dialog', (dialog) => {
      faults.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(link).origin)) faults.push(`asked elsewhere: ${request.url()}`);
    });
    await page.goto(link);
    if (hash !== '') await page.goto(`${new URL(link).origin}/dashboard/${hash}`);
    return page;
  }

  const shows = async (page: Page, text: string | RegExp): Promise<void> => {
    const wanted = page.locator('main').getByText(text).first().waitFor({ timeout: PATIENCE });
    await wanted.catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await page.locator('main').innerText()}`, { cause: error });
    });
  };

  test('the graph shows who calls whom, with mTLS; a click and a key choose, deep links open', async () => {
    const page = await open();
    const edge = page.getByRole('button', { name: /^default\/web calls default\/orders: success 100%.*mutual TLS$/ });
    // A straight line has no height: attached, not visible, is what a browser says of it.
    await edge.waitFor({ timeout: PATIENCE, state: 'attached' });
    await page.getByRole('button', { name: /^orders in default: success 100%/ }).focus();
    await page.keyboard.press('Enter');
    await shows(page, 'Charts, callers and policies of orders');
    assert.match(page.url(), /chosen=/);
    await page.getByRole('link', { name: 'Charts, callers and policies of orders' }).click();
    await page.getByRole('heading', { name: 'Workload default/orders' }).waitFor();
    await shows(page, /Requests a second/);
    await page.locator('figure canvas').first().waitFor();
    await page.context().close();
  });

  test('a failure is in sight within five seconds of its first answer', async () => {
    const began = performance.now();
    const page = await open();
    await page.getByText(/none failing/).waitFor({ timeout: PATIENCE });
    // A slow machine is told by how long the page took to come.
    const slow = performance.now() - began;
    await mesh.apply(FAULT);
    const failed = async (): Promise<boolean> => (await exchange({ port: upstream })).status === 503;
    await until(failed, { what: 'the first failure' });
    await page.getByText(/^Failing: .*web → orders/).waitFor({ timeout: 5000 + slow });
    assert.ok((await page.locator('.edge.bad').count()) > 0);
    assert.equal((await mesh.weft('delete', 'fault', 'broken')).code, 0);
    await page.context().close();
  });

  /** The choice that stands for the Fault's creation. */
  async function faultCame(page: Page): Promise<string> {
    const choice = page.getByRole('option', { name: /Fault default\/broken.*created|created.*Fault default\/broken/ });
    await choice.first().waitFor({ state: 'attached', timeout: PATIENCE });
    return (await choice.first().textContent()) ?? '';
  }

  /** Unix seconds, `ago` before now, at which the store has calls: it begins five seconds after the first of them. */
  const told = (page: Page, ago: number): Promise<number> =>
    until(
      async () => {
        const time = Math.floor(Date.now() / 1000) - ago;
        const query = 'increase(istio_requests_total{reporter="source",destination_workload="orders"}[2m]) > 0';
        const asked = new URLSearchParams({ query, time: String(time) });
        const url = `${new URL(link).origin}/weft/v1/prometheus/api/v1/query?${asked}`;
        const { data } = (await (await page.request.get(url)).json()) as {
          readonly data: { readonly result: unknown[] };
        };
        return data.result.length > 0 && time;
      },
      { timeout: 60_000, what: `calls in the store ${ago} s ago` },
    );

  test('every page has what the mesh has', async () => {
    const page = await open();
    const visit = async (hash: string, ...texts: (string | RegExp)[]): Promise<void> => {
      await page.goto(`${new URL(link).origin}/dashboard/${hash}`);
      for (const text of texts) await shows(page, text);
    };
    await mesh.apply(PROMISE);
    await visit('#/services', 'default/orders');
    await visit(
      '#/services/default/orders?span=5m',
      'Service default/orders',
      'Who calls, and what is called',
      'Policies',
    );
    await visit('#/workloads', 'default/orders');
    await visit('#/proxies', 'synced', /default\/web-/);
    await page.getByRole('link', { name: /default\/orders-/ }).click();
    await shows(page, 'Configuration');
    await shows(page, 'listeners');
    await visit('#/proxies', 'synced');
    await page.getByRole('link', { name: /default\/web-/ }).click();
    await page.getByRole('combobox', { name: 'Change' }).selectOption({ label: await faultCame(page) });
    await shows(page, /^routes .*: changed$|^listeners .*: changed$/);
    assert.equal(await page.locator('section[aria-label=Before]').getByText('abort').count(), 0);
    await page.locator('section[aria-label=After]').getByText('abort').first().waitFor({ state: 'attached' });
    await visit('#/certificates', 'Mesh default', 'signing', /spiffe:\/\/[^ ]+\/ns\/default\/sa\/orders/, /in 2[34] h/);
    const certificates = (await (
      await page.request.get(`${new URL(link).origin}/weft/v1/certificates`)
    ).json()) as CertificatesDocument;
    const { authorities } = (await (
      await page.request.get(`${new URL(link).origin}/weft/v1/authority`)
    ).json()) as AuthoritiesDocument;
    assert.deepEqual(
      certificates.certificates.map(({ name, root }) => [name.slice(0, -6), root]),
      ['orders', 'web'].map((name) => [name, authorities[0]?.roots[0]?.sha256]),
    );
    await visit('#/objects', 'Mesh');
    await page.getByRole('link', { name: 'default/orders', exact: true }).first().click();
    await shows(page, 'Spec');
    await visit('#/findings', /What weft check says|Nothing to say/);
    await visit('#/changes', 'Fault default/broken', 'deleted');
    await visit('#/ask?to=default/orders', 'Who may call it', 'default/web', 'outside the mesh');
    await visit('#/ask?from=default/web&to=default/orders&method=GET&path=/', 'Decision', 'allowed');
    await visit(`#/?at=${await told(page, 10)}`, /Graph at/, '✓ mTLS');
    await visit('#/levels', 'default/promise', /succeed/);
    // Told a moment after it was shown, and of some a sample alone.
    await until(
      async () => {
        await visit('#/tap/default/web', 'Live requests of default/web', /method=GET/);
        await page.getByRole('link', { name: 'Why?' }).first().click();
        await shows(page, /What the proxies told|Nothing is kept of it/);
        return (await page.getByText('What the proxies told').count()) > 0;
      },
      { timeout: 60_000, what: 'a request that is kept' },
    );
    await shows(page, 'as it happened');
    await visit('#/requests', 'Refused and failed', /requests are kept/);
    await mesh.apply(TRACED);
    await visit('#/traces', /GET .*\/hello/, 'default/web');
    await page
      .getByRole('link', { name: /GET .*\/hello/ })
      .first()
      .click();
    await shows(page, 'out of default/web');
    await shows(page, 'into default/orders');
    assert.ok((await page.locator('td.span rect').count()) >= 2);
    await visit('#/traces?workload=nobody', 'No trace is as you ask.');
    await visit('#/nothing', 'There is no such page.');
    await page.context().close();
  });

  test('what if: pasted objects are answered as weft plan answers, faults are told, nothing is written', async () => {
    const page = await open('#/what-if');
    const ask = async (yaml: string): Promise<void> => {
      await page.getByLabel('Objects in YAML').fill(yaml);
      await page.getByRole('button', { name: 'What would change?' }).click();
    };
    await ask(FAULT);
    await shows(page, /created {2}Fault\/default\/broken/);
    await shows(page, 'breaks no invariant');
    const told = await page.locator('main pre').textContent();
    const planned = await mesh.weft('plan', '-f', mesh.file(FAULT));
    assert.equal(told, planned.stdout);
    assert.notEqual((await mesh.weft('get', 'fault', 'broken')).code, 0);
    await ask('kind: Fault\nspec: 7\n');
    await page
      .getByRole('alert')
      .getByText(/pasted:1/)
      .waitFor();
    await page.context().close();
  });

  test("strangers' texts stay texts", async () => {
    stranger = `/<script>alert(1)</script>${'x'.repeat(2000)}`.replaceAll(' ', '%20');
    const page = await open('#/ask');
    await page.getByLabel(/^From/).fill('<img src=x onerror=alert(1)>');
    await page.getByLabel(/^To/).fill('"><script>alert(2)</script>');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('alert').waitFor();
    assert.equal(await page.locator('main img, main script').count(), 0);
    await page.context().close();
    stranger = '/hello';
  });

  test('on a telephone, in the dark: nothing is wider than the screen', async () => {
    const page = await open('', { width: 390, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.getByRole('button', { name: /^orders in default/ }).waitFor({ timeout: PATIENCE });
    const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    assert.ok(Number(wider) <= 0, `${wider} px wider`);
    await page.context().close();
  });

  test('nothing went wrong in any page, and nothing was asked elsewhere', () => {
    // The refusals that the tests above provoke, as the browser reports them.
    assert.deepEqual(
      faults.filter((fault) => !/status of 400/.test(fault)),
      [],
    );
  });

  test('without the link, from another site, by another name: refused; nothing is changed through it', async () => {
    const { port } = new URL(link);
    const ask = (target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> =>
      new Promise((resolve, reject) => {
        http
          .request({ host: '127.0.0.1', port, path: target, method, headers }, (response) => {
            response.resume();
            response.on('end', () => resolve(response.statusCode ?? 0));
          })
          .on('error', reject)
          .end();
      });
    assert.equal(await ask('/dashboard/'), 401);
    assert.equal(await ask('/weft/v1/proxies'), 401);
    assert.equal(await ask('/enter?key=wrong'), 401);
    assert.equal(await ask('/weft/v1/proxies', { host: 'evil.example' }), 421);
    const entered = await fetch(link, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    assert.match(entered.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Strict/);
    assert.match(entered.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal(await ask('/weft/v1/proxies', { cookie }), 200);
    assert.equal(await ask('/weft/v1/proxies', { cookie, origin: 'http://evil.example' }), 403);
    assert.equal(await ask('/weft/v1/proxies', { cookie, 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await ask('/weft/v1/tokens', { cookie, origin: `http://127.0.0.1:${port}` }, 'POST'), 403);
    assert.equal(await ask('/weft/v1/apitokens', { cookie }), 403);
    assert.equal(await ask('/api/v1/namespaces/default/services/orders', { cookie }, 'DELETE'), 403);
    const taken = await mesh.weft('dashboard', '--port', port);
    assert.notEqual(taken.code, 0);
    assert.match(taken.stderr, /EADDRINUSE/);
    assert.notEqual((await mesh.weft('dashboard', '--port', 'x')).code, 0);
    assert.ok((await freePort()) > 0);
  });
});

/** With WEFT_SCREENSHOT=FILE the picture of the README is taken anew. */
test("the demo's graph, as the README shows it", { skip: needs('chromium'), timeout: 240_000 }, async (t) => {
  const demo = new TestProcess(process.execPath, [path.join(import.meta.dirname, '../examples/shop/demo/main.ts')]);
  t.after(() => demo.stop(20_000));
  const [, data = ''] = await demo.matching(/WEFT_DATA=(\S+)/);
  const served = new TestProcess(WEFT, ['dashboard'], { env: { WEFT_DATA: data } });
  t.after(() => served.stop());
  const [link = ''] = await served.matching(/http:\/\/\S+/);
  using profile = temporaryFolder('weft-browser-');
  const browser = await chromium.launch({
    executablePath: toolPath('chromium'),
    args: ARGUMENTS,
    env: { HOME: profile.path },
  });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
  await page.goto(link);
  for (const name of ['web', 'orders', 'payments', 'inventory', 'ledger'])
    await page.getByRole('button', { name: new RegExp(`^${name} in `) }).waitFor({ timeout: PATIENCE });
  // What failed while the services started leaves the picture after ten seconds.
  await page.getByText(/none failing/).waitFor({ timeout: 90_000 });
  const file = process.env['WEFT_SCREENSHOT'];
  const picture = await page.screenshot(file === undefined ? {} : { path: file });
  assert.ok(picture.length > 10_000);
});

const PROMISE = `
apiVersion: weft.dev/v1alpha1
kind: ServiceLevel
metadata: { name: promise, namespace: default }
spec:
  targetRef: { name: orders }
  objectives: [{ percent: "99.9" }]
`;

const TRACED = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, tracing: { sampling: "100" } }
`;

const FAULT = `
apiVersion: weft.dev/v1alpha1
kind: Fault
metadata: { name: broken, namespace: default }
spec:
  targetRefs: [{ group: "", kind: Service, name: orders }]
  faults: [{ abort: { httpStatus: 503, percent: 50 } }]
`;
