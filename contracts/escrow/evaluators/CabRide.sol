// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IDealEvaluator} from "../../interfaces/IDealEvaluator.sol";
import {IEscrow} from "../../interfaces/IEscrow.sol";

/// @title A ride: the passenger's code ends it, and until then the passenger may cancel
/// @notice `terms.details` is `keccak256(abi.encode(ride))`; evidence is `abi.encode(ride, code, signature)`. Whoever shows the
/// code, which the passenger (the payer) tells the driver (the payee) on arrival, gets the driver the whole pot. Without the
/// code, the passenger's signature of `Cancellation(bytes32 deal)` gets the driver the collateral and the share of the fare
/// that the last step begun says; none has begun: nothing of the fare. The driver cancels by `refund`.
contract CabRide is IDealEvaluator, EIP712 {
    /// @param from unix seconds from which on a cancellation costs `bps` of the fare
    struct Step {
        uint40 from;
        uint16 bps;
    }

    /// @param codeHash keccak256 of the code, 32 random bytes: a short one could be guessed
    /// @param steps in the order of their times
    struct Ride {
        bytes32 codeHash;
        Step[] steps;
    }

    bytes32 private constant CANCELLATION = keccak256("Cancellation(bytes32 deal)");

    error OtherRide(bytes32 deal);
    error WrongCode(bytes32 deal);
    error NotCancelled(bytes32 deal);
    error BadStep(bytes32 deal, uint256 bps);

    constructor() EIP712("Teahouse CabRide", "1") {}

    /// @inheritdoc IDealEvaluator
    function evaluate(
        bytes32 deal,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external view returns (uint128 payeeAmount, bool isFinal) {
        (Ride memory ride, bytes32 code, bytes memory signature) = abi.decode(
            evidence,
            (Ride, bytes32, bytes)
        );
        if (keccak256(abi.encode(ride)) != terms.details) revert OtherRide(deal);
        if (code != 0) {
            if (keccak256(abi.encode(code)) != ride.codeHash) revert WrongCode(deal);
            return (terms.amount + terms.collateral, true);
        }
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CANCELLATION, deal)));
        if (!SignatureChecker.isValidSignatureNow(terms.payer, digest, signature)) revert NotCancelled(deal);
        uint256 bps;
        for (uint256 i = 0; i < ride.steps.length && block.timestamp >= ride.steps[i].from; ++i)
            bps = ride.steps[i].bps;
        if (bps > 10_000) revert BadStep(deal, bps);
        return (terms.collateral + uint128((uint256(terms.amount) * bps) / 10_000), true);
    }
}
