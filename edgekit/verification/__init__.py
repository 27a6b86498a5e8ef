"""Does the artifact still decide what the float Detector decides, and how sure is that?"""
