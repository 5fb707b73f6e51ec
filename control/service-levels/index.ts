/** What services promise (ServiceLevel): measured, alerted, and as rules for a Prometheus. */
export { prometheusRules, type RuleFile } from './rules.ts';
export {
  type AlertEvent,
  ServiceLevels,
  type ServiceLevelsOptions,
} from './service-levels.ts';
export { Webhook } from './webhook.ts';
