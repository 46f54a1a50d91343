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
} from '../../engine/model/loadFigures';
