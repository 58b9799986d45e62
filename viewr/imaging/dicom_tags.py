"""The DICOM elements that the reader looks at, and how their bytes are to be read."""

from __future__ import annotations

#: Kinds: "s" text (also numbers written as text), "H" unsigned 16 bit, "P" 16 bit of the pixels' sign, "d" double,
#: "f" float, "L" unsigned 32 bit, "Q" a sequence, of which only the presence is noted.
_TABLE: dict[str, tuple[int, str]] = {
    "SpecificCharacterSet": (0x00080005, "s"), "ImageType": (0x00080008, "s"), "SOPClassUID": (0x00080016, "s"),
    "SOPInstanceUID": (0x00080018, "s"), "SeriesDate": (0x00080021, "s"), "AcquisitionDate": (0x00080022, "s"),
    "ContentDate": (0x00080023, "s"), "AcquisitionDateTime": (0x0008002A, "s"), "SeriesTime": (0x00080031, "s"),
    "AcquisitionTime": (0x00080032, "s"), "ContentTime": (0x00080033, "s"), "Modality": (0x00080060, "s"),
    "Manufacturer": (0x00080070, "s"), "SeriesDescription": (0x0008103E, "s"), "PatientSex": (0x00100040, "s"),
    "PatientSize": (0x00101020, "s"), "PatientWeight": (0x00101030, "s"), "SequenceName": (0x00180024, "s"),
    "RadiopharmaceuticalInformation": (0x00540016, "Q"), "SliceThickness": (0x00180050, "s"),
    "EchoTime": (0x00180081, "s"), "InversionTime": (0x00180082, "s"), "EchoNumbers": (0x00180086, "s"),
    "SpacingBetweenSlices": (0x00180088, "s"), "ProtocolName": (0x00181030, "s"), "TriggerTime": (0x00181060, "s"),
    "FrameTime": (0x00181063, "s"), "FrameTimeVector": (0x00181065, "s"),
    "NominalPercentageOfCardiacPhase": (0x00209241, "d"), "CineRate": (0x00180040, "s"),
    "EstimatedRadiographicMagnificationFactor": (0x00181114, "s"), "GantryDetectorTilt": (0x00181120, "s"),
    "ImagerPixelSpacing": (0x00181164, "s"), "NominalScannedPixelSpacing": (0x00182010, "s"),
    "FlipAngle": (0x00181314, "s"), "SequenceOfUltrasoundRegions": (0x00186011, "Q"),
    "DiffusionBValue": (0x00189087, "d"), "DiffusionGradientOrientation": (0x00189089, "d"),
    "PixelPresentation": (0x00089205, "s"), "ComplexImageComponent": (0x00089208, "s"),
    "StudyInstanceUID": (0x0020000D, "s"),
    "SeriesInstanceUID": (0x0020000E, "s"), "SeriesNumber": (0x00200011, "s"), "AcquisitionNumber": (0x00200012, "s"),
    "InstanceNumber": (0x00200013, "s"), "ImagePositionPatient": (0x00200032, "s"),
    "ImageOrientationPatient": (0x00200037, "s"), "FrameOfReferenceUID": (0x00200052, "s"),
    "PatientOrientation": (0x00200020, "s"), "ViewPosition": (0x00185101, "s"),
    "Laterality": (0x00200060, "s"), "ImageLaterality": (0x00200062, "s"),
    "TemporalPositionIdentifier": (0x00200100, "s"), "NumberOfTemporalPositions": (0x00200105, "s"),
    "RealWorldValueMappingSequence": (0x00409096, "Q"),
    "InConcatenationTotalNumber": (0x00209163, "H"), "ConcatenationUID": (0x00209161, "s"),
    "InConcatenationNumber": (0x00209162, "H"),
    "SamplesPerPixel": (0x00280002, "H"), "PhotometricInterpretation": (0x00280004, "s"),
    "PlanarConfiguration": (0x00280006, "H"), "NumberOfFrames": (0x00280008, "s"), "Rows": (0x00280010, "H"),
    "Columns": (0x00280011, "H"), "PixelSpacing": (0x00280030, "s"), "PixelAspectRatio": (0x00280034, "s"),
    "BitsAllocated": (0x00280100, "H"), "BitsStored": (0x00280101, "H"), "HighBit": (0x00280102, "H"),
    "PixelRepresentation": (0x00280103, "H"), "PixelPaddingValue": (0x00280120, "P"),
    "PixelPaddingRangeLimit": (0x00280121, "P"), "PixelSpacingCalibrationType": (0x00280A02, "s"),
    "WindowCenter": (0x00281050, "s"), "WindowWidth": (0x00281051, "s"), "RescaleIntercept": (0x00281052, "s"),
    "RescaleSlope": (0x00281053, "s"), "RescaleType": (0x00281054, "s"),
    "WindowCenterWidthExplanation": (0x00281055, "s"), "VOILUTFunction": (0x00281056, "s"),
    "LossyImageCompression": (0x00282110, "s"), "LossyImageCompressionRatio": (0x00282112, "s"),
    "ModalityLUTSequence": (0x00283000, "Q"), "VOILUTSequence": (0x00283010, "Q"),
    "SharedFunctionalGroupsSequence": (0x52009229, "Q"), "PerFrameFunctionalGroupsSequence": (0x52009230, "Q"),
    "NumberOfSlices": (0x00540081, "H"), "Units": (0x00541001, "s"), "DecayCorrection": (0x00541102, "s"),
    "FrameReferenceTime": (0x00541300, "s"), "DecayFactor": (0x00541321, "s"), "SUVType": (0x00541006, "s"),
    "DoseUnits": (0x30040002, "s"), "GridFrameOffsetVector": (0x3004000C, "s"), "DoseGridScaling": (0x3004000E, "s"),
    "SiemensMosaicCount": (0x0019100A, "H"), "SiemensBValue": (0x0019100C, "s"), "PhilipsBValue": (0x20011003, "f"),
    "GEBValue": (0x00431039, "s"), "UIHBValue": (0x00651009, "d"), "RescaleSlopePhilips": (0x2005100E, "f"),
    "UIHMosaicCount": (0x00651050, "s"),
    "DirectoryRecordSequence": (0x00041220, "Q"),
}

#: Tag as one number -> keyword.
WANTED: dict[int, str] = {tag: keyword for keyword, (tag, _) in _TABLE.items()}
#: Keyword -> how to read its bytes.
KIND: dict[str, str] = {keyword: kind for keyword, (_, kind) in _TABLE.items()}
TAG: dict[str, int] = {keyword: tag for keyword, (tag, _) in _TABLE.items()}

PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA = 0x7FE00010, 0x7FE00008, 0x7FE00009
PIXEL_TAGS = frozenset((PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA))

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BE = "1.2.840.10008.1.2.2"
NATIVE = frozenset((IMPLICIT_LE, EXPLICIT_LE, DEFLATED, EXPLICIT_BE))
