import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversHost } from './covers-host.ts';

test('a wildcard stands for one whole label, and for no name of two labels', () => {
  for (const [pattern, host] of [
    ['a.example', 'A.EXAMPLE'],
    ['*.a.example', 'b.a.example'],
    ['*.A.example', 'b.a.EXAMPLE'],
  ])
    assert.ok(coversHost(pattern ?? '', host ?? ''), `${pattern} ${host}`);
  for (const [pattern, host] of [
    ['a.example', 'b.example'],
    ['*.a.example', 'a.example'],
    ['*.a.example', 'c.b.a.example'],
    ['*.a.example', '.a.example'],
    ['*.example', 'a.example'],
    ['b*.a.example', 'bc.a.example'],
    ['*', 'a'],
  ])
    assert.ok(!coversHost(pattern ?? '', host ?? ''), `${pattern} ${host}`);
});
