// Where a picture lies in the frame that it is looked at through, and how zooming and moving change that. Screen pixels but for the picture's own.
export interface Extent {
  readonly width: number
  readonly height: number
}
export interface Spot {
  readonly x: number
  readonly y: number
}
/** Screen pixels for one of the picture, and where its left upper corner is in the frame. */
export interface Place extends Spot {
  readonly scale: number
}

const [least, most] = [1 / 16, 64]
/** So far an edge can come into the frame, so that a brush gets at it. */
const margin = 48

/** As large as the frame allows, in its middle. */
export function fitted(picture: Extent, frame: Extent): Place {
  const scale = Math.max(least, Math.min(frame.width / picture.width, frame.height / picture.height, most))
  return held({ scale, x: 0, y: 0 }, picture, frame)
}

/** What lies at a spot of the frame stays there. */
export function zoomed(place: Place, factor: number, at: Spot, picture: Extent, frame: Extent): Place {
  const scale = Math.min(most, Math.max(least, place.scale * factor))
  const by = scale / place.scale
  return held({ scale, x: at.x - (at.x - place.x) * by, y: at.y - (at.y - place.y) * by }, picture, frame)
}

export const moved = (place: Place, dx: number, dy: number, picture: Extent, frame: Extent): Place =>
  held({ ...place, x: place.x + dx, y: place.y + dy }, picture, frame)

/** In the picture's own pixels. */
export const pictureSpot = (place: Place, { x, y }: Spot): Spot => ({ x: (x - place.x) / place.scale, y: (y - place.y) / place.scale })

/** Never out of sight: what is smaller than the frame stands in its middle. */
export function held({ scale, x, y }: Place, picture: Extent, frame: Extent): Place {
  const along = (at: number, length: number, room: number): number =>
    length <= room ? (room - length) / 2 : Math.min(margin, Math.max(room - length - margin, at))
  return { scale, x: along(x, picture.width * scale, frame.width), y: along(y, picture.height * scale, frame.height) }
}
