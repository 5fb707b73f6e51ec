/** The story that `-- --check` plays and asserts: every step of what the live demo shows. */
import { readFileSync, writeFileSync } from 'node:fs';
import { edges, type Sample, scrape } from './metrics.ts';
import { type Shop, waitFor } from './shop.ts';
import { get, Visitors } from './visitors.ts';

export type Say = (text: string) => void;

/** All proxies' counts now; a proxy that does not answer counts nothing. */
export async function readings(shop: Shop): Promise<readonly Sample[]> {
  const all = await Promise.all(shop.members.map(({ admin }) => scrape(admin).catch(() => [])));
  return all.flat();
}

/** `v1 90.1 %, v2 9.9 %` */
export function splitText(versions: ReadonlyMap<string, number>): string {
  const total = [...versions.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return 'nothing yet';
  return [...versions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([version, count]) => `${version} ${((100 * count) / total).toFixed(1)} %`)
    .join(', ');
}

export async function open(shop: Shop, visitors: Visitors): Promise<void> {
  await waitFor(
    'all workloads join',
    () => shop.joined(),
    () => shop.output(),
  );
  await waitFor(
    'the shop opens',
    async () => {
      visitors.reset();
      await visitors.visit();
      return visitors.ok === 1;
    },
    () => `${visitors.lastFailure}\n${shop.output()}`,
  );
  visitors.reset();
}

export async function playStory(shop: Shop, visitors: Visitors, say: Say): Promise<void> {
  await open(shop, visitors);
  say('the shop is open: a visitor placed an order through five services');

  await observeSplit(visitors, 0.1, 600);
  say(`90/10: ${splitText(visitors.versions)} of ${visitors.ok} orders`);
  await explainEdges(shop, say);

  const yaml = readFileSync(shop.meshFile, 'utf8');
  writeFileSync(shop.meshFile, yaml.replace('weight: 90', 'weight: 50').replace('weight: 10', 'weight: 50'));
  await waitFor('the split moves after the file was saved', async () => {
    visitors.reset();
    await Promise.all(Array.from({ length: 60 }, () => visitors.visit()));
    return (visitors.versions.get('v2') ?? 0) > 16;
  });
  await observeSplit(visitors, 0.5, 600);
  say(`the file was edited, 50/50: ${splitText(visitors.versions)} of ${visitors.ok} orders`);

  await killInstance(shop, visitors, say);
  await refuseStranger(shop, say);
}

/** `count` visits; the share of v2 must lie within 6 standard deviations, and none may fail. */
async function observeSplit(visitors: Visitors, share: number, count: number): Promise<void> {
  visitors.reset();
  for (let done = 0; done < count; done += 30) await Promise.all(Array.from({ length: 30 }, () => visitors.visit()));
  if (visitors.failed > 0) throw new Error(`${visitors.failed} of ${count} visits failed: ${visitors.lastFailure}`);
  const v2 = visitors.versions.get('v2') ?? 0;
  const bound = 6 * Math.sqrt(count * share * (1 - share));
  if (Math.abs(v2 - count * share) > bound)
    throw new Error(`v2 got ${v2} of ${count}, expected ${count * share} +- ${bound.toFixed(0)}`);
}

async function explainEdges(shop: Shop, say: Say): Promise<void> {
  // Since the start: the connections of TCP and gRPC were opened then.
  const seen = edges([], await readings(shop));
  for (const [from, to] of [
    ['visitor', 'web'],
    ['web', 'orders'],
    ['orders', 'payments'],
    ['orders', 'inventory'],
    ['payments', 'ledger'],
  ]) {
    // What failed before the callee had joined has no endpoint, and so no mTLS to show.
    const answered = seen.filter(
      (one) => one.from === from && one.to.startsWith(to ?? '') && (one.failures < one.requests || one.connections > 0),
    );
    const edge = answered.find((one) => !one.mtls) ?? answered[0];
    if (edge === undefined) throw new Error(`no edge ${from} -> ${to} in the metrics: ${JSON.stringify(seen)}`);
    if (!edge.mtls) throw new Error(`${from} -> ${to} is not mTLS`);
  }
  const mtls = seen.filter((edge) => edge.mtls).length;
  say(
    `${seen.length} edges counted, ${mtls} of them mTLS: ${seen.map((edge) => `${edge.from} -> ${edge.to}`).join(', ')}`,
  );
}

async function killInstance(shop: Shop, visitors: Visitors, say: Say): Promise<void> {
  const victim = shop.members.find(({ name }) => name === 'orders-v1');
  if (victim === undefined) throw new Error('no instance of orders v1');
  visitors.reset();
  visitors.start(150);
  await waitFor('traffic', () => visitors.ok > 100);
  victim.process.kill('SIGKILL');
  const failedBy = visitors.failed;
  await waitFor('traffic after the kill', () => visitors.ok > 500);
  visitors.stop();
  const failed = visitors.failed - failedBy;
  // Only exchanges then on the killed instance's sockets may fail.
  if (failed > 32) throw new Error(`${failed} visits failed after the kill: ${visitors.lastFailure}`);
  say(
    `an instance of orders was killed (SIGKILL) under 150 requests a second: ${failed} of ${visitors.ok + visitors.failed} failed${failed > 0 ? ` (${visitors.lastFailure.slice(0, 120)})` : ''}, the rest went around it`,
  );
}

async function refuseStranger(shop: Shop, say: Say): Promise<void> {
  await waitFor('the stranger is refused', async () => {
    const answer = await get({ port: shop.strangerPort, path: '/orders', agent: false }).catch(() => ({
      status: 0,
      text: '',
    }));
    if (answer.status === 200) throw new Error('the stranger got an order');
    return answer.status === 403 || answer.status === 503 || answer.status === 502;
  });
  const refused = (await readings(shop)).filter(({ name, value }) => /rbac.*denied/.test(name) && value > 0);
  if (refused.length === 0) throw new Error('no proxy counted the refusal of the stranger');
  say('a stranger (in the mesh, but not allowed by only-web-places-orders) was refused, and the refusal counted');
}
