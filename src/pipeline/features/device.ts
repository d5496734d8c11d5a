/** Classes of device, in the order that keys count them. */
export const DEVICES = ['mobile', 'tablet', 'desktop'] as const;
export type DeviceClass = (typeof DEVICES)[number];

/** Sorts what producers call devices into three classes; anything else is none of them. */
export function deviceClass(device: string | undefined): DeviceClass | undefined {
  switch (device?.toLowerCase()) {
    case 'mobile':
    case 'phone':
    case 'smartphone':
    case 'ios':
    case 'android':
      return 'mobile';
    case 'tablet':
    case 'ipad':
      return 'tablet';
    case 'desktop':
    case 'web':
    case 'pc':
    case 'laptop':
      return 'desktop';
    default:
      return undefined;
  }
}
