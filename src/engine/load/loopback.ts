export { assertLoopback, isLoopbackAddress } from './hosts';
