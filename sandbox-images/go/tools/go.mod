module warroom/tool

go 1.19
