export { formatMs } from '../../engine/model/units';
export {
  formatClock,
  formatCores,
  formatMicrosShort,
  formatNumber,
  formatObserved,
  formatPercent,
  formatRate,
  formatSecond,
  formatSigned,
  levelOf,
  objectiveText,
} from '../../engine/model/loadFigures';
