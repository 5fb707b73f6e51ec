// docs/reference/gateway-api-features.md: what of Gateway API's features is held, and by which cases (e2e/gateway-api-features.yaml).
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFeatures } from '@weft/testkit/gateway-api-features';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

export function outputs() {
  const { version, features, faults } = readFeatures(root);
  if (faults.length > 0) throw new Error(`features of Gateway API:\n  ${faults.join('\n  ')}`);
  const count = (held) => features.filter((one) => one.held === held).length;
  return new Map([
    [
      'docs/reference/gateway-api-features.md',
      [
        `# Features of Gateway API ${version}`,
        '',
        'Generated from `e2e/gateway-api-features.yaml` by `npm run generate`, which fails where a case or test that is named is not there. Names are those of',
        `Gateway API's conformance suite, without \`Support\`: ${features.length} features, ${count('yes')} held, ${count('partly')} in part, ${count('no')} not. The suite itself, which needs a Kubernetes cluster, has not been run;`,
        'what shows a feature here are cases of our own, which run with our engine and with Envoy, and tests. A GatewayClass has no `status.supportedFeatures`.',
        '',
        '| Feature | Level | Channel | Held | Shown by | Lacking, and why |',
        '| --- | --- | --- | --- | --- | --- |',
        ...features.map(({ name, level, channel = 'standard', held, why = '', cases = [], tests = [] }) =>
          row([
            `\`${name}\``,
            level,
            channel,
            held === 'partly' ? 'in part' : held,
            [
              ...cases.map((one) => one.replace(/^([^:]+): /, '`$1`: ')),
              ...tests.map(({ file, title }) => `\`${file}\`: ${title}`),
            ].join('<br>'),
            why,
          ]),
        ),
        '',
      ].join('\n'),
    ],
  ]);
}

const row = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
