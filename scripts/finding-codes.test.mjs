// Numbers of findings are unique, each stands for a code that the product gives, has its page, and a test that provokes it.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FINDING_CODES } from '@weft/core/kernel';

/** By number, the test or the file of cases that provokes it: the place to look when a finding is in doubt. */
const PROVOKED_BY = {
  WEFT0101: 'apps/weft/answers/findings.test.ts',
  WEFT0102: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0103: 'apps/weft/answers/findings.test.ts',
  WEFT0104: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0105: 'apps/weft/answers/findings.test.ts',
  WEFT0106: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0107: 'compile/queries/forward-proxy.test.ts',
  WEFT0108: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0109: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0110: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0111: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0112: 'e2e/mesh-cases/visibility.yaml',
  WEFT0113: 'apps/weft/answers/findings.test.ts',
  WEFT0114: 'core/mesh-view/assemble/delegation.test.ts',
  WEFT0115: 'core/mesh-view/assemble/delegation.test.ts',
  WEFT0201: 'apps/weft/answers/findings.test.ts',
  WEFT0202: 'apps/weft/answers/findings.test.ts',
  WEFT0203: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0204: 'apps/weft/answers/provoked.test.ts',
  WEFT0205: 'apps/weft/answers/provoked.test.ts',
  WEFT0206: 'apps/weft/answers/provoked.test.ts',
  WEFT0207: 'e2e/mesh-cases/tokens.yaml',
  WEFT0208: 'control/federation/federation.test.ts',
  WEFT0301: 'apps/weft/answers/findings.test.ts',
  WEFT0302: 'apps/weft/answers/findings.test.ts',
  WEFT0303: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0304: 'e2e/open-ports.test.ts',
  WEFT0305: 'e2e/mesh-cases/exposed.yaml',
  WEFT0306: 'compile/answers/exposed.test.ts',
  WEFT0307: 'e2e/gateway-cases/tls-options.yaml',
  WEFT0401: 'e2e/mesh-cases/conditions.yaml',
  WEFT0402: 'apps/weft/commands/check.test.ts',
  WEFT0403: 'apps/weft/commands/check.test.ts',
  WEFT0404: 'apps/weft/commands/check.test.ts',
  WEFT0405: 'apps/weft/answers/entry.test.ts',
  WEFT0406: 'e2e/mesh-cases/patches.yaml',
  WEFT0501: 'e2e/gateway-cases/streams.yaml',
  WEFT0502: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0503: 'e2e/gateway-cases/http.yaml',
  WEFT0504: 'e2e/gateway-cases/http.yaml',
  WEFT0505: 'core/mesh-view/assemble/assemble.test.ts',
  WEFT0506: 'e2e/gateway-cases/tls.yaml',
  WEFT0507: 'e2e/gateway-cases/listener-sets.yaml',
  WEFT0508: 'e2e/gateway-cases/tls.yaml',
  WEFT0509: 'e2e/gateway-cases/streams.yaml',
  WEFT0510: 'apps/weft/answers/provoked.test.ts',
  WEFT0511: 'e2e/gateway-cases/streams.yaml',
  WEFT0512: 'core/mesh-view/assemble/exports.test.ts',
  WEFT0513: 'e2e/gateway-cases/listener-sets.yaml',
  WEFT0514: 'apps/weft/answers/provoked.test.ts',
  WEFT0515: 'e2e/gateway-cases/proxy-headers.yaml',
  WEFT0601: 'apps/weft/control-plane/service-level-pages.test.ts',
  WEFT0602: 'apps/weft/control-plane/service-level-pages.test.ts',
  WEFT0603: 'apps/weft/answers/contradicted.test.ts',
};

/** `no-endpoints`, or as the reason of a condition `NoEndpoints`. */
const asReason = (code) => code.replace(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase());

test('numbers and codes are given once, in order', () => {
  const numbers = FINDING_CODES.map(({ number }) => number);
  assert.deepEqual(numbers, [...new Set(numbers)].sort());
  assert.equal(new Set(FINDING_CODES.map(({ code }) => code)).size, numbers.length);
});

test('each code is one that is given somewhere', () => {
  const files = globSync('{core,compile,control,apps}/**/*.ts', { exclude: (name) => name.includes('node_modules') });
  const text = files
    .filter((file) => !file.endsWith('.test.ts') && !file.endsWith('finding-codes.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const { code } of FINDING_CODES)
    assert.ok(text.includes(`'${code}'`) || text.includes(`'${asReason(code)}'`), `${code} is given nowhere`);
});

test('each has its section on the page', () => {
  const sections = readFileSync('docs/reference/findings.md', 'utf8').split('\n## ').slice(1);
  assert.deepEqual(
    sections.map((section) => /^(WEFT\d{4})\n\n`([a-z-]+)`: ./.exec(section)?.slice(1)),
    FINDING_CODES.map(({ number, code }) => [number, code]),
  );
  for (const section of sections) assert.match(section, /\n\nWhat to do: \S/);
});

test('each is provoked by a test or a case that names it', () => {
  assert.deepEqual(
    Object.keys(PROVOKED_BY),
    FINDING_CODES.map(({ number }) => number),
    'a finding without a test that provokes it',
  );
  const faults = FINDING_CODES.filter(({ number, code }) => {
    const file = PROVOKED_BY[number];
    const named = new RegExp(`(?<![\\w-])(?:${code}|${asReason(code)}|${number})(?![\\w-])`);
    return !/\.test\.ts$|^e2e\/[a-z]+-cases\/.*\.yaml$/.test(file) || !named.test(readFileSync(file, 'utf8'));
  });
  assert.deepEqual(
    faults.map(({ number, code }) => `${PROVOKED_BY[number]} does not name ${code} (${number})`),
    [],
  );
});
