/** slowhttptest in its four modes, 1,000 connections (row 50 of the attack list): good traffic goes on beside them. 10,000: `npm run bench -- crowd`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { residentKib, useChain } from '@weft/testkit/attacks';
import { goodLatency, slowCrowd } from '@weft/testkit/slow-clients';
import { needs } from '@weft/testkit/tools';

describe('slow clients', { skip: needs('slowhttptest') }, () => {
  const chain = useChain(1);

  test('1,000 slow connections do not disturb good traffic', { timeout: 120_000 }, async () => {
    const port = chain().port('safe');
    const pid = chain().engines[0]?.pid ?? 0;
    await goodLatency(port, 0.95, 200, () => true);
    const start = residentKib(pid);
    const crowded = async (): Promise<number> => {
      let over = false;
      const crowd = slowCrowd(port, 250, { seconds: 3 }).then(() => (over = true));
      const latency = await goodLatency(port, 0.95, 300, () => over);
      await crowd;
      return latency;
    };
    // The crowd's own work is on the same two cores. What else runs there disturbs now and then, with the crowd and without; a crowd that
    // disturbs does so every time.
    const disturbed: string[] = [];
    for (let turn = 0; turn < 4 && disturbed.length === turn; turn += 1) {
      const alone = await goodLatency(port, 0.95, 300, () => true);
      const beside = await crowded();
      if (beside >= 2 * alone + 30) disturbed.push(`p95 ${beside.toFixed(1)} ms, alone ${alone.toFixed(1)} ms`);
    }
    const grown = residentKib(pid) - start;
    assert.ok(disturbed.length < 4, disturbed.join('; '));
    assert.ok(grown < 64 * 1024, `${grown} KiB more`);
  });
});
