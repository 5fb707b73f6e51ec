/**
 * `node bench/store-kill.ts [--rounds N]`: kills a process that writes to the store with SIGKILL, N times (200 by default), reopens the
 * store each time and checks that every acknowledged write is there and none by half. Ends with 1 at the first loss.
 */
import { parseArgs } from 'node:util';
import { killRounds } from '@weft/control/store/testing';
import { temporaryFolder } from '@weft/testkit/folder';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`store-kill: --rounds ${values.rounds}: give a whole number above 0\n`);
  process.exit(2);
}
const folder = temporaryFolder();
const began = performance.now();
try {
  const report = await killRounds(folder.path, rounds, (n) => Math.floor(Math.random() * n));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(
    `store-kill: ${report.rounds} kills in ${seconds} s: ${report.acknowledged} acknowledged writes, none lost, none by half; ` +
      `${report.unanswered} more had become durable unanswered; slowest reopening ${report.slowestOpen.toFixed(1)} ms\n`,
  );
  folder[Symbol.dispose]();
} catch (error) {
  process.stderr.write(`store-kill: ${String(error)}\nthe folder is kept: ${folder.path}\n`);
  process.exitCode = 1;
}
