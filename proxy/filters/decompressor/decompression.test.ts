// Bodies come out as they went in; bombs, damaged bodies and ones that are cut short are told once, and give no more.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Decompression as Library } from '@weft/core/proxy-config';
import { Decompression } from './decompression.ts';

const LIBRARIES: readonly (readonly [Library, (body: Buffer) => Buffer])[] = [
  [{ encoding: 'gzip', windowBits: 15, chunkSize: 4096, maxRatio: 100 }, (body) => gzipSync(body)],
  [{ encoding: 'br', chunkSize: 4096 }, (body) => brotliCompressSync(body)],
  [{ encoding: 'zstd', chunkSize: 4096 }, (body) => zstdCompressSync(body)],
];

function run(library: Library, body: Buffer): Promise<{ readonly how: 'ended' | 'failed'; readonly octets: Buffer }> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    const tell = (how: 'ended' | 'failed') => (): void => resolve({ how, octets: Buffer.concat(parts) });
    const decompression = new Decompression(library, {
      decompressed: (bytes) => void parts.push(bytes),
      decompressionEnded: tell('ended'),
      decompressionFailed: tell('failed'),
      decompressionDrained: () => {},
    });
    for (let at = 0; at < body.length; at += 1000) decompression.write(body.subarray(at, at + 1000));
    decompression.end();
  });
}

for (const [library, compress] of LIBRARIES) {
  test(`${library.encoding}: whole, as a bomb, damaged and cut short`, async () => {
    const text = Buffer.from(Array.from({ length: 30_000 }, (_, index) => String(index * 7919)).join(' '));
    const whole = await run(library, compress(text));
    assert.equal(whole.how, 'ended');
    assert.ok(whole.octets.equals(text));

    const bomb = compress(Buffer.alloc(64 * 1024 * 1024));
    const stopped = await run(library, bomb);
    assert.equal(stopped.how, 'failed');
    assert.ok(stopped.octets.length <= Math.max(65_536, bomb.length * 100));

    assert.equal((await run(library, Buffer.from('no coding of that name'))).how, 'failed');
    assert.equal((await run(library, compress(text).subarray(0, 5000))).how, 'failed');
  });
}
