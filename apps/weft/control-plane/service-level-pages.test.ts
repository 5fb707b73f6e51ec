/** What `check` says of ServiceLevels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertState, LevelState } from '@weft/core/documents';
import { serviceLevelFindings } from './service-level-pages.ts';

const alert = (severity: AlertState['severity'], burning: boolean): AlertState => ({
  severity,
  long: '1h',
  short: '5m',
  limit: 14.4,
  burnLong: 20,
  burnShort: 31.26,
  burning,
});
const level = (changes: Partial<LevelState>): LevelState => ({
  namespace: 'shop',
  name: 'promise',
  target: 'Service/orders',
  window: '30d',
  at: 0,
  objectives: [],
  problem: '',
  ...changes,
});

const said = (changes: Partial<LevelState>): string[] =>
  serviceLevelFindings([level(changes)]).map(
    ({ severity, code, message, place }) => `${severity} ${code} ${place.object}: ${message}`,
  );

test('an alert that burns is an error when it is to page somebody, a warning else; one that does not is nothing', () => {
  const alerts = [alert('Page', true), alert('Ticket', true), alert('Page', false)];
  const burns =
    'budget-burns ServiceLevel/shop/promise: availability: the budget burns 20.0 times too fast over 1h and 31.3 over 5m (limit 14.4), 50% of it is left';
  assert.deepEqual(said({ objectives: [{ objective: 'availability', good: 0.9, budgetLeft: 0.5, alerts }] }), [
    `error ${burns}`,
    `warning ${burns}`,
  ]);
});

test('what could not be measured says why', () => {
  assert.deepEqual(said({ problem: 'the Prometheus did not answer' }), [
    'warning not-measured ServiceLevel/shop/promise: could not be measured: the Prometheus did not answer',
  ]);
});
