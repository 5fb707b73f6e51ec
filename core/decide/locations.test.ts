import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePath, compileRewrite } from './path.ts';
import { locationOfAnswer } from './redirect.ts';
import type { RequestView } from './request.ts';

const fail = (message: string): never => assert.fail(message);

test('an expression that leaves nothing of a path leaves it as it is', () => {
  const path = { kind: 'prefix', value: '/', ignoreCase: false } as const;
  const rewrite = { kind: 'regex', regex: '.*', substitution: '' } as const;
  const made = compileRewrite(rewrite, path, compilePath(path, fail), fail);
  assert.equal(made?.('/a'), '/a');
});

const asked = (sent: string, query?: string): RequestView =>
  ({ scheme: 'http', host: sent.toLowerCase(), path: '/p', query, header: () => sent }) as unknown as RequestView;

test('answers by 201 and 3xx say what was asked for, in the letters that it was asked in', () => {
  assert.equal(locationOfAnswer(201, asked('h:80', 'q')), 'http://h:80/p?q');
  assert.equal(locationOfAnswer(302, asked('H:80')), 'http://H:80/p');
  assert.equal(locationOfAnswer(304, asked('h')), 'http://h/p');
  assert.equal(locationOfAnswer(200, asked('h')), undefined);
  assert.equal(locationOfAnswer(400, asked('h')), undefined);
});
