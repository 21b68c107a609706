// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title What ERC-792 asks of an arbitrator, as far as it is used here
interface IArbitrator {
    /// @param choices how many rulings there are; they count from 1, and 0 is a refusal to arbitrate
    function createDispute(
        uint256 choices,
        bytes calldata extraData
    ) external payable returns (uint256 disputeId);

    /// @return cost what `createDispute` must be sent, in wei
    function arbitrationCost(bytes calldata extraData) external view returns (uint256 cost);
}

/// @title What ERC-792 asks of who is arbitrated
interface IArbitrable {
    event Ruling(IArbitrator indexed arbitrator, uint256 indexed disputeId, uint256 ruling);

    /// @notice Arbitrator: gives the final ruling of a dispute.
    function rule(uint256 disputeId, uint256 ruling) external;
}
