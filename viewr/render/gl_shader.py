"""The shaders of the OpenGL renderer: the rules of `render.base.SliceView`, for every pixel on its own."""

from __future__ import annotations

#: A picture is one triangle that covers it; there are no buffers.
VERTEX = """#version 330 core
void main() {
    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
"""

#: `SAMPLER` is the kind of texture that the voxels are in: isampler3D, usampler3D or sampler3D.
GREY = """#version 330 core
uniform SAMPLER voxels;
uniform sampler2D lut;          // 256 x 1
uniform sampler2D curve;        // 256 x n, levels of a window's own curve
uniform sampler2D columns;      // position of each column of pixels on an axis of the grid; below -1 outside
uniform sampler2D rows;
uniform ivec3 size;
uniform ivec3 axes;             // grid axis of columns, of rows, and the one through
uniform int oblique;
uniform vec3 origin;            // grid position of the first pixel, and steps to the next column and row
uniform vec3 across;
uniform vec3 along;
uniform float depth;
uniform int taps;               // 1 nearest, 2 linear, 4 cubic
uniform int projection;         // 0 none, 1 maximum, 2 minimum, 3 mean
uniform ivec2 slab;             // first and one past the last slice
uniform vec2 window;            // black, white
uniform int step_linear;        // a window without width: white above it, not at it
uniform float slack;            // by which a value may miss that step for rounding
uniform vec3 bend;              // entries of the curve (0: none), where it begins, entries for each unit
uniform int inverted;
uniform float gamma;
uniform float opacity;          // below 0: opaque
out vec4 colour;

float fetch(ivec3 index) {
    return float(texelFetch(voxels, clamp(index, ivec3(0), size - 1), 0).r);
}

float through(ivec3 index) {
    if (projection == 0) return fetch(index);
    index[axes.z] = slab.x;
    float value = fetch(index);
    for (int k = slab.x + 1; k < slab.y; ++k) {
        index[axes.z] = k;
        float next = fetch(index);
        if (projection == 3) value += next;
        else if (isnan(value) || (projection == 1 ? next > value : next < value)) value = next;
    }
    return projection == 3 ? value / float(slab.y - slab.x) : value;
}

vec4 weights(float f) {
    if (taps == 2) return vec4(0.0, 1.0 - f, f, 0.0);
    float g = 1.0 - f;
    return vec4(-0.5 * f * g * g, 1.0 + f * f * (1.5 * f - 2.5), 1.0 + g * g * (1.5 * g - 2.5), -0.5 * g * f * f);
}

float value_at(vec3 place) {
    if (taps == 1) return through(ivec3(floor(place + 0.5)));
    if (taps == 2) place = clamp(place, vec3(0.0), vec3(size - 1));
    vec3 low = floor(place);
    vec3 share = place - low;
    int flat_axis = projection == 0 ? -1 : axes.z;
    vec4 wx = weights(share.x), wy = weights(share.y), wz = weights(share.z);
    int first = taps == 2 ? 1 : 0, last = taps == 2 ? 2 : 3;
    float sum = 0.0;
    for (int c = first; c <= last; ++c) {
        if (flat_axis == 2 && c != 1) continue;
        float z = flat_axis == 2 ? 1.0 : wz[c];
        if (z == 0.0) continue;
        for (int b = first; b <= last; ++b) {
            if (flat_axis == 1 && b != 1) continue;
            float y = flat_axis == 1 ? 1.0 : wy[b];
            if (y == 0.0) continue;
            for (int a = first; a <= last; ++a) {
                if (flat_axis == 0 && a != 1) continue;
                float x = flat_axis == 0 ? 1.0 : wx[a];
                if (x != 0.0) sum += x * y * z * through(ivec3(low) + ivec3(a - 1, b - 1, c - 1));
            }
        }
    }
    return sum;
}

float level_of(float value) {
    if (bend.x > 0.0) {
        float entry = clamp(floor((value - bend.y) * bend.z + 0.5), 0.0, bend.x - 1.0);
        int place = int(entry);
        float level = floor(texelFetch(curve, ivec2(place % 256, place / 256), 0).r * 255.0 + 0.5);
        if (inverted == 1) level = 255.0 - level;
        return gamma == 1.0 ? level : floor(pow(level / 255.0, gamma) * 255.0 + 0.5);
    }
    float grey;
    if (window.y > window.x) grey = (value - window.x) * (255.0 / (window.y - window.x));
    else grey = (step_linear == 1 ? value > window.x + slack : value >= window.x - slack) ? 255.0 : 0.0;
    grey = clamp(grey, 0.0, 255.0);
    if (gamma != 1.0) {
        if (inverted == 1) grey = 255.0 - grey;
        return floor(pow(grey / 255.0, gamma) * 255.0 + 0.5);
    }
    float level = floor(grey + 0.5);
    return inverted == 1 ? 255.0 - level : level;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 place;
    if (oblique == 1) {
        place = origin + float(pixel.x) * across + float(pixel.y) * along;
        if (any(lessThan(place, vec3(-0.5))) || any(greaterThanEqual(place, vec3(size) - 0.5))) discard;
    } else {
        place[axes.x] = texelFetch(columns, ivec2(pixel.x, 0), 0).r;
        place[axes.y] = texelFetch(rows, ivec2(pixel.y, 0), 0).r;
        place[axes.z] = depth;
        if (place[axes.x] < -0.5 || place[axes.y] < -0.5) discard;
    }
    float value = value_at(place);
    if (isnan(value)) {
        if (opacity >= 0.0) discard;
        colour = vec4(0.0, 0.0, 0.0, 1.0);
        return;
    }
    float level = level_of(value);
    colour = vec4(texelFetch(lut, ivec2(int(level), 0), 0).rgb, opacity < 0.0 ? 1.0 : opacity * level / 255.0);
}
"""

#: Labels of the slice that is shown, as a picture of their own; each blended by its own colour and opacity.
LABELS = """#version 330 core
uniform usampler2D labels;
uniform sampler2D table;        // 256 x n colours with their opacity
uniform sampler2D columns;
uniform sampler2D rows;
out vec4 colour;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    float x = texelFetch(columns, ivec2(pixel.x, 0), 0).r, y = texelFetch(rows, ivec2(pixel.y, 0), 0).r;
    if (x < -0.5 || y < -0.5) discard;
    int label = int(texelFetch(labels, ivec2(int(x), int(y)), 0).r);
    colour = texelFetch(table, ivec2(label % 256, label / 256), 0);
    if (label == 0 || colour.a == 0.0) discard;
}
"""
