export { displayName, formatCount, MAX_NAME, plural } from '../../engine/model/text';
