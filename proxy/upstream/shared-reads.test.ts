import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { readInto, sharedReads } from './shared-reads.ts';

const SIZE = 3_000_000;

/** Octets that show a shift or a repetition. */
const pattern = Buffer.allocUnsafe(SIZE);
for (let at = 0; at < SIZE; at += 4) pattern.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, Math.min(at, SIZE - 4));

/** What arrives when slices are kept as `keep` says, one roll a read, as a copy made only when its holder lets go, some reads later; whether own buffers were used. */
async function receive(
  keep: readonly boolean[],
): Promise<{ readonly bytes: Buffer; readonly owned: boolean; readonly buffers: number }> {
  const server = createServer((socket) => socket.end(pattern)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reads = sharedReads();
  const onread = readInto(reads, () => socket);
  const parts: Uint8Array[] = [];
  const buffers = new Set<ArrayBufferLike>();
  const waiting: { place: number; slice: Uint8Array; holder: { holdsBytes: boolean } }[] = [];
  const letGo = (most: number): void => {
    for (const { place, slice, holder } of waiting.splice(0, Math.max(0, waiting.length - most))) {
      parts[place] = Buffer.from(slice);
      holder.holdsBytes = false;
    }
  };
  let owned = false;
  let count = 0;
  reads.keeps = true;
  reads.receiver = {
    received(bytes, length) {
      letGo(2);
      const slice = bytes.subarray(0, length);
      const kept = reads.owned && (keep[count % keep.length] ?? true);
      count += 1;
      owned ||= reads.owned;
      const holder = { holdsBytes: kept };
      if (kept) waiting.push({ place: parts.length, slice, holder });
      parts.push(kept ? slice : Buffer.from(slice));
      buffers.add(bytes.buffer);
      if (reads.owned) reads.holder = holder;
    },
  };
  const socket: Socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    onread,
  });
  socket.resume();
  await once(socket, 'close');
  onread.release();
  server.close();
  letGo(0);
  return { bytes: Buffer.concat(parts), owned, buffers: buffers.size };
}

test('bulk: what is kept is never read over, whatever the receiver keeps', async () => {
  let owned = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), async (keep) => {
      const got = await receive(keep);
      if (got.owned) owned += 1;
      assert.equal(got.bytes.length, SIZE);
      assert.ok(got.bytes.equals(pattern));
    }),
    { numRuns: 20 },
  );
  assert.ok(owned > 0, 'no run filled the shared buffer twice');
});

test('a buffer that nobody holds any more is read into again', async () => {
  // The one that all share, the one at hand, and those of the two slices that are held at a time.
  assert.ok((await receive([true])).buffers <= 6);
});

test('several at once share nothing that is kept', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, (_, index) => receive([index % 2 === 0, true, false])));
  for (const { bytes } of all) assert.ok(bytes.equals(pattern));
});
