export { TIME_CHARTS, TIME_STEPS, type TimeChart } from '../../engine/model/timeCharts';
