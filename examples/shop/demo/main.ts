/**
 * `npm run demo`: a mesh around a small shop, live in the terminal. `npm run demo -- --check` plays the same story without a terminal,
 * asserts each step and ends with 0 (1 when a step does not hold, with everything the processes printed).
 */
import { draw, render } from './screen.ts';
import { edges } from './metrics.ts';
import { Shop } from './shop.ts';
import { open, playStory, readings, splitText } from './story.ts';
import { Visitors } from './visitors.ts';

const started = performance.now();
const say = (text: string): void =>
  void process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}\n`);

const shop = new Shop();
const check = process.argv.includes('--check');
let ending = false;

async function main(): Promise<void> {
  await shop.startControlPlane();
  say('the control plane is ready');
  await shop.startServices();
  say(`${shop.members.length} workloads join`);
  const visitors = new Visitors(shop.visitorPort);
  if (check) {
    await playStory(shop, visitors, say);
    visitors.stop();
    return;
  }
  await open(shop, visitors);
  visitors.start(40);
  await live(visitors);
  visitors.stop();
}

/** Redraws every two seconds until Ctrl-C. */
async function live(visitors: Visitors): Promise<void> {
  let before = await readings(shop);
  let at = performance.now();
  while (!ending) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const now = await readings(shop);
    const seconds = (performance.now() - at) / 1000;
    const failures =
      visitors.failed > 0 ? [`visits failed: ${visitors.failed}, the last: ${visitors.lastFailure}`] : [];
    const instances = shop.members.filter(
      ({ name, process: one }) => name.startsWith('orders') && one.exitCode === null && one.signalCode === null,
    );
    const notes = [
      `try: kill -9 ${instances[0]?.process.pid ?? '-'} (an instance of orders)`,
      `try: curl -i 127.0.0.1:${shop.strangerPort}/orders (a stranger)`,
      `try: ${shop.dashboardCommand} (this graph in a browser)`,
      ...failures,
    ];
    const picture = render({
      edges: edges(before, now),
      seconds,
      split: splitText(visitors.versions),
      notes,
      meshFile: shop.meshFile,
    });
    if (process.stdout.isTTY) draw(picture);
    else process.stdout.write(`${picture}\n`);
    visitors.reset();
    before = now;
    at = performance.now();
  }
}

const end = async (code: number): Promise<void> => {
  if (ending) return;
  ending = true;
  await shop.stop();
  process.exit(code);
};
process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));

try {
  await main();
  if (check) say('the story holds');
  await end(0);
} catch (error) {
  if (!ending) {
    process.stderr.write(
      `demo: ${error instanceof Error ? error.message : String(error)}\n${check ? shop.output() : ''}\n`,
    );
    await end(1);
  }
}
