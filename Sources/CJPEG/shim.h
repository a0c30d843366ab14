#pragma once
// jpeglib.h needs both.
#include <stddef.h>
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>
